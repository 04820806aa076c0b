package lapalma.agent.method;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.function.UnaryOperator;

/** What tests of the advice have traced by its class. */
class Shop implements Till, UnaryOperator<Integer> {
  int buy(int price) {
    return price;
  }

  int buy(String price) {
    return Integer.parseInt(price);
  }

  int buyBoth(int one, int other) {
    return buy(one) + buy(other);
  }

  int countDown(int from) {
    return from == 0 ? 0 : countDown(from - 1);
  }

  static int open() {
    return 8;
  }

  int price() {
    return secret();
  }

  private int secret() {
    return 7;
  }

  final synchronized SpanContext current() {
    return Span.current().getSpanContext();
  }

  void fail(RuntimeException failure) {
    throw failure;
  }

  @Override
  public int take(int coins) {
    return coins;
  }

  /** The compiler adds {@code Object apply(Object)}, which calls this. */
  @Override
  public Integer apply(Integer price) {
    return price;
  }

  /** Its values are attributes of its span. */
  String sell(int price, String item, boolean gift, double weight, Object note) {
    if (item == null) {
      throw new IllegalStateException("nothing to sell");
    }
    return item + " sold";
  }

  int unnamed() {
    return 1;
  }

  /** Overrides a traced method, without its super's. */
  static final class Kiosk extends Shop {
    @Override
    int buy(int price) {
      return price + 1;
    }
  }
}
