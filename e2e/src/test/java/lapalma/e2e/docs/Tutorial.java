package lapalma.e2e.docs;

import static java.util.regex.Pattern.DOTALL;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a page tells its reader to do, in order. A fenced block is a step by what follows its
 * backticks:
 *
 * <ul>
 *   <li>{@code shell}: commands to type
 *   <li>{@code shell stays}: a command that runs until the end of the tutorial
 *   <li>{@code shell again}: the same, in place of the last one
 *   <li>a language and a path: a file to save
 *   <li>{@code text}: what the step before it prints; … stands for anything
 * </ul>
 *
 * Other blocks are examples.
 */
record Tutorial(List<Step> steps) {
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)(?: (\\S+))?\n(.*?)^```$", DOTALL | Pattern.MULTILINE);

  /** What to do, and what it prints, where the page shows it. */
  record Step(Kind kind, String path, String text, Optional<Pattern> prints) {
    Step printing(String expected) {
      return new Step(kind, path, text, Optional.of(pattern(expected)));
    }
  }

  enum Kind {
    RUN,
    STAYS,
    AGAIN,
    SAVE
  }

  static Tutorial read(Path page) throws IOException {
    List<Step> steps = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      String language = block.group(1);
      String rest = block.group(2);
      String text = block.group(3);
      if (language.equals("shell")) {
        Kind kind = rest == null ? Kind.RUN : Kind.valueOf(rest.toUpperCase(Locale.ROOT));
        steps.add(new Step(kind, "", text, Optional.empty()));
      } else if (language.equals("text")) {
        int last = steps.size() - 1;
        steps.set(last, steps.get(last).printing(text));
      } else if (rest != null) {
        steps.add(new Step(Kind.SAVE, rest, text, Optional.empty()));
      }
    }
    return new Tutorial(steps);
  }

  private static Pattern pattern(String expected) {
    var pattern = new StringBuilder();
    for (String part : expected.strip().split("…", -1)) {
      pattern.append(pattern.isEmpty() ? "" : ".*?").append(Pattern.quote(part));
    }
    return Pattern.compile(pattern.toString(), DOTALL);
  }
}
