package lapalma.agent.method;

import static io.opentelemetry.sdk.testing.assertj.OpenTelemetryAssertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.function.UnaryOperator;
import lapalma.agent.weaving.AdviceFailures;
import lapalma.agent.weaving.Telemetry;
import lapalma.agent.weaving.Weaving;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The advice of the methods, which a configuration names as in the agent's file. */
class MethodAdviceTest {
  private static final String TRACE_ID = "5c17c2a3b5d0e1f2a3b4c5d6e7f80912";
  private static final String SPAN_ID = "a1b2c3d4e5f60718";

  @RegisterExtension
  @Order(1)
  static final Telemetry telemetry =
      Telemetry.tracing(
          "{ methods: [{ name: unnamed }] }",
          "{ class: lapalma.agent.method.Shop }",
          "{ class: lapalma.agent.method.Shop, methods: [{ name: unnamed, span_kind: CLIENT }] }",
          "{ class: lapalma.agent.method.NoSuch, methods: [{ name: unnamed }] }",
          """
          { class: lapalma.agent.method.Shop, methods: [{ name: buy }, { name: buyBoth },
            { name: countDown }, { name: open }, { name: secret }, { name: current },
            { name: fail }, { name: noSuch }, { name: apply }, { name: sell, attributes: [
              { name: shop.price, from: "argument[0]" }, { name: shop.item, from: "argument[1]" },
              { name: shop.gift, from: "argument[2]" }, { name: shop.weight, from: "argument[3]" },
              { name: shop.note, from: "argument[4]" }, { name: shop.nothing, from: "argument[5]" },
              { name: shop.answer, from: return }] }] }
          """,
          "{ class: lapalma.agent.method.Till, methods: [{ name: take }, { name: empty }] }");

  @RegisterExtension
  @Order(2)
  static final Weaving weaving = Weaving.of(SampledMethodsInstrumentationModule::new);

  private final Shop shop = new Shop();

  @Test
  void aMethodOfASampledRequestIsItsChild() {
    try (var unused = caller(TraceFlags.getSampled()).makeCurrent()) {
      assertThat(shop.buy(3)).isEqualTo(3);
    }

    assertThat(theSpan())
        .hasName("Shop.buy")
        .hasKind(SpanKind.INTERNAL)
        .hasTraceId(TRACE_ID)
        .hasParentSpanId(SPAN_ID)
        .hasStatus(StatusData.unset())
        .hasTotalRecordedEvents(0);
    assertThat(theSpan().getInstrumentationScopeInfo().getName())
        .isEqualTo("io.opentelemetry.methods");
  }

  @Test
  void aMethodOfARequestThatIsNotSampledHasNoSpan() {
    try (var unused = caller(TraceFlags.getDefault()).makeCurrent()) {
      assertThat(shop.buyBoth(1, 2)).isEqualTo(3);
      assertThat(shop.current().getSpanId()).isEqualTo(SPAN_ID);
    }

    assertThat(telemetry.spans()).isEmpty();
  }

  @Test
  void anExceptionOfARequestThatIsNotSampledIsLeftAlone() {
    var failure = new IllegalStateException("sold out");
    try (var unused = caller(TraceFlags.getDefault()).makeCurrent()) {
      assertThat(catchThrowable(() -> shop.fail(failure))).isSameAs(failure);
    }

    assertThat(telemetry.spans()).isEmpty();
  }

  @Test
  void theSpanHasTheValuesOfItsCall() {
    shop.sell(3, "ball", true, 0.5, List.of(1, 2));

    assertThat(theSpan().getAttributes())
        .containsEntry("shop.price", 3L)
        .containsEntry("shop.item", "ball")
        .containsEntry("shop.gift", true)
        .containsEntry("shop.weight", 0.5)
        .containsEntry("shop.note", "[1, 2]")
        .containsEntry("shop.answer", "ball sold")
        .doesNotContainKey("shop.nothing");
  }

  @Test
  void aMethodThatThrowsHasReturnedNothing() {
    assertThat(catchThrowable(() -> shop.sell(3, null, false, 0, null)))
        .hasMessage("nothing to sell");

    assertThat(theSpan().getAttributes())
        .containsEntry("shop.price", 3L)
        .doesNotContainKey("shop.answer")
        .doesNotContainKey("shop.item")
        .doesNotContainKey("shop.note");
  }

  @Test
  void aLongTextIsCut() {
    shop.sell(3, "x".repeat(10_000), false, 0, null);

    assertThat(theSpan().getAttributes()).containsEntry("shop.item", "x".repeat(256));
  }

  @Test
  void onlyTheBeginningOfALongTextIsRead() {
    CharSequence endless =
        new CharSequence() {
          @Override
          public int length() {
            return Integer.MAX_VALUE;
          }

          @Override
          public char charAt(int index) {
            return 'x';
          }

          @Override
          public CharSequence subSequence(int start, int end) {
            return "x".repeat(end - start);
          }

          @Override
          public String toString() {
            throw new IllegalStateException("all of it was read");
          }
        };
    shop.sell(3, "ball", false, 0, endless);

    assertThat(theSpan().getAttributes()).containsEntry("shop.note", "x".repeat(256));
  }

  @Test
  void aValueWhoseTextCannotBeHadCostsTheSpanNothing() {
    Object broken =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };

    assertThat(shop.sell(3, "ball", false, 0, broken)).isEqualTo("ball sold");

    assertThat(theSpan().getAttributes())
        .containsEntry("shop.item", "ball")
        .containsEntry("shop.answer", "ball sold")
        .doesNotContainKey("shop.note");
    assertThat(Span.current()).isSameAs(Span.getInvalid());
    assertThat(AdviceFailures.take()).isEmpty();
  }

  @Test
  void aMethodOfAGenericTypeHasOneSpan() {
    UnaryOperator<Integer> generic = shop;
    assertThat(generic.apply(3)).isEqualTo(3);

    assertThat(theSpan()).hasName("Shop.apply").hasNoParent();
  }

  @Test
  void withoutACallerTheSamplerDecides() {
    shop.buy(1);

    assertThat(theSpan()).hasName("Shop.buy").hasNoParent();
  }

  @Test
  void itIsCurrentUntilTheMethodReturns() {
    SpanContext current = shop.current();

    assertThat(current).isEqualTo(theSpan().getSpanContext());
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void whatAMethodThrowsIsOnItsSpanAndReachesTheCaller() {
    var failure = new IllegalStateException("sold out");

    assertThat(catchThrowable(() -> shop.fail(failure))).isSameAs(failure);

    assertThat(theSpan())
        .hasName("Shop.fail")
        .hasStatus(StatusData.error())
        .hasException(failure)
        .hasTotalRecordedEvents(1);
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void aMethodThatATracedOneCallsIsItsChild() {
    assertThat(shop.buyBoth(1, 2)).isEqualTo(3);

    List<SpanData> spans = telemetry.spans();
    assertThat(spans)
        .extracting(SpanData::getName)
        .containsExactly("Shop.buy", "Shop.buy", "Shop.buyBoth");
    assertThat(spans.get(0)).hasParent(spans.get(2));
    assertThat(spans.get(1)).hasParent(spans.get(2));
    assertThat(spans.get(2)).hasNoParent();
  }

  @Test
  void eachCallOfARecursionIsTheChildOfTheOneBefore() {
    shop.countDown(2);

    List<SpanData> spans = telemetry.spans();
    assertThat(spans).hasSize(3);
    assertThat(spans.get(0)).hasParent(spans.get(1));
    assertThat(spans.get(1)).hasParent(spans.get(2));
    assertThat(spans.get(2)).hasNoParent();
  }

  @Test
  void ofOverloadedMethodsEachIsTraced() {
    assertThat(shop.buy("4")).isEqualTo(4);

    assertThat(theSpan()).hasName("Shop.buy");
  }

  @Test
  void aStaticMethodIsTraced() {
    assertThat(Shop.open()).isEqualTo(8);

    assertThat(theSpan()).hasName("Shop.open");
  }

  @Test
  void aPrivateMethodIsTraced() {
    assertThat(shop.price()).isEqualTo(7);

    assertThat(theSpan()).hasName("Shop.secret");
  }

  @Test
  void aMethodThatOverridesATracedOneIsTraced() {
    assertThat(new Shop.Kiosk().buy(1)).isEqualTo(2);

    assertThat(theSpan()).hasName("Kiosk.buy");
  }

  @Test
  void aMethodOfASuperclassIsTracedUnderTheSuperclass() {
    new Shop.Kiosk().countDown(0);

    assertThat(theSpan()).hasName("Shop.countDown");
  }

  @Test
  void aMethodOfATracedInterfaceIsTracedWhereItIsImplemented() {
    assertThat(shop.take(5)).isEqualTo(5);

    assertThat(theSpan()).hasName("Shop.take");
  }

  @Test
  void aDefaultMethodOfATracedInterfaceIsTraced() {
    assertThat(shop.empty()).isZero();

    assertThat(theSpan()).hasName("Till.empty");
  }

  @Test
  void theSpanHasTheNameOfTheMethodWithItsClass() {
    shop.buy(1);

    assertThat(theSpan())
        .hasAttributes(
            Attributes.of(
                AttributeKey.stringKey("code.function.name"), Shop.class.getName() + ".buy"));
  }

  @Test
  void whatNoUsableEntryNamesIsNotTraced() {
    assertThat(shop.unnamed()).isEqualTo(1);

    assertThat(telemetry.spans()).isEmpty();
  }

  private static SpanData theSpan() {
    assertThat(telemetry.spans()).hasSize(1);
    return telemetry.spans().get(0);
  }

  private static Span caller(TraceFlags flags) {
    return Span.wrap(SpanContext.create(TRACE_ID, SPAN_ID, flags, TraceState.getDefault()));
  }
}
