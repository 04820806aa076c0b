package lapalma.e2e.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/** A page of the documentation. */
record Page(Path file, Set<String> anchors, List<String> links, List<String> commands) {
  /** What is built, installed or stored, or is a form for an issue: no page of the project. */
  private static final Set<String> NO_PAGES =
      Set.of("target", "node_modules", ".git", ".github", ".tools", ".run");

  /** Returns every page below a folder. */
  static List<Page> below(Path root) throws IOException {
    Set<Path> files = new TreeSet<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NO_PAGES.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".md")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files.stream().map(Page::read).toList();
  }

  static Page read(Path file) {
    try {
      var page = new Page(file, new HashSet<>(), new ArrayList<>(), new ArrayList<>());
      Parser.builder().build().parse(Files.readString(file)).accept(page.new Reader());
      return page;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Reader extends AbstractVisitor {
    private final IdGenerator ids = IdGenerator.builder().build();

    @Override
    public void visit(Heading heading) {
      anchors.add(ids.generateId(text(heading)));
      visitChildren(heading);
    }

    @Override
    public void visit(Link link) {
      links.add(link.getDestination());
      visitChildren(link);
    }

    @Override
    public void visit(Image image) {
      links.add(image.getDestination());
    }

    @Override
    public void visit(FencedCodeBlock block) {
      block.getLiteral().lines().map(String::strip).forEach(commands::add);
    }
  }

  private static String text(Node node) {
    var text = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text part) {
            text.append(part.getLiteral());
          }

          @Override
          public void visit(Code part) {
            text.append(part.getLiteral());
          }
        });
    return text.toString();
  }
}
