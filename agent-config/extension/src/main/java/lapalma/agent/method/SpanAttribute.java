package lapalma.agent.method;

import io.opentelemetry.api.trace.Span;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An attribute of a method's span that takes its value from the call.
 *
 * @param name lower-case parts of letters, digits and underscores, joined by dots
 * @param argument the index of the argument, from 0, or {@link #RETURN}
 */
record SpanAttribute(String name, int argument) {
  static final int RETURN = -1;

  /** The number of characters of a value's text that are kept. */
  static final int MAX_LENGTH = 256;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*");
  private static final Pattern FROM = Pattern.compile("return|argument\\[(\\d{1,3})]");

  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Reads where a value comes from.
   *
   * @param from {@code return} or {@code argument[N]}
   */
  static Optional<SpanAttribute> of(String name, String from) {
    Matcher matcher = FROM.matcher(from);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String number = matcher.group(1);
    return Optional.of(new SpanAttribute(name, number == null ? RETURN : Integer.parseInt(number)));
  }

  boolean isReturned() {
    return argument == RETURN;
  }

  /**
   * Sets the attribute. A value that is no text, number or boolean is set as its text. It is left
   * out if it is null, or if the call does not have it.
   */
  void setOn(Span span, @Nullable Object returned, Object[] arguments) {
    Object value =
        isReturned() ? returned : argument < arguments.length ? arguments[argument] : null;
    if (value instanceof Boolean flag) {
      span.setAttribute(name, flag);
    } else if (value instanceof Double || value instanceof Float) {
      span.setAttribute(name, ((Number) value).doubleValue());
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      span.setAttribute(name, ((Number) value).longValue());
    } else if (value != null) {
      // A long text, such as a StringBuilder, is not copied as a whole.
      CharSequence text = value instanceof CharSequence chars ? chars : value.toString();
      span.setAttribute(name, text.subSequence(0, Math.min(MAX_LENGTH, text.length())).toString());
    }
  }
}
