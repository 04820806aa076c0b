package lapalma.agent.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MethodsToTraceTest {
  private final List<String> complaints = new ArrayList<>();

  @Test
  void anEntryHasTheFormOfUpstreamsMethods() {
    assertThat(
            read(
                """
                include:
                  - class: shop.Cart
                    methods: [{ name: add }, { name: pay, span_kind: INTERNAL }]
                  - { class: shop.Stock, methods: [{ name: reserve }] }
                """))
        .containsExactly(methods("shop.Cart", "add", "pay"), methods("shop.Stock", "reserve"));
    assertThat(complaints).isEmpty();
  }

  @Test
  void aMethodMayHaveAttributesOfItsCall() {
    assertThat(
            read(
                """
                include:
                  - class: shop.Cart
                    methods:
                      - { name: add, attributes: [{ name: cart.item_count, from: return },
                          { name: cart.item, from: "argument[0]" }] }
                      - { name: pay }
                """))
        .containsExactly(
            new MethodsToTrace(
                "shop.Cart",
                Map.of(
                    "add",
                    List.of(
                        new SpanAttribute("cart.item_count", SpanAttribute.RETURN),
                        new SpanAttribute("cart.item", 0)),
                    "pay",
                    List.of())));
    assertThat(complaints).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { from: return } \
            | sampled_methods cannot name an attribute of shop.Cart.add '': use small letters, digits, underscores and dots, as in dice.value.
          { name: Cart.Item, from: return } \
            | sampled_methods cannot name an attribute of shop.Cart.add 'Cart.Item': use small letters, digits, underscores and dots, as in dice.value.
          { name: cart.item } \
            | sampled_methods cannot take cart.item of shop.Cart.add from '': write return, or argument[0] and so on.
          { name: cart.item, from: argument } \
            | sampled_methods cannot take cart.item of shop.Cart.add from 'argument': write return, or argument[0] and so on.
          """)
  void anAttributeThatCannotBeUsedIsPassedOverAndSaid(String attribute, String complaint) {
    List<MethodsToTrace> read =
        read(
            "include:\n  - { class: shop.Cart, methods: [{ name: add, attributes: [%s] }] }"
                .formatted(attribute));

    assertThat(complaints).containsExactly(complaint);
    assertThat(read).containsExactly(methods("shop.Cart", "add"));
  }

  @Test
  void nothingIsTracedThatIsNotNamed() {
    assertThat(read("include: []")).isEmpty();
    assertThat(read("other: 1")).isEmpty();
    assertThat(complaints).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { methods: [{ name: pay }] } \
            | sampled_methods has an entry without a class: name one.
          { class: shop.Cart } \
            | sampled_methods names no method of shop.Cart: name one.
          { class: shop.Cart, methods: [{ name: add }, { span_kind: INTERNAL }] } \
            | sampled_methods has a method of shop.Cart without a name.
          { class: shop.Cart, methods: [{ name: add }, { name: pay, span_kind: CLIENT }] } \
            | sampled_methods makes spans of the kind INTERNAL only: put pay of shop.Cart under methods.
          """)
  void whatCannotBeUsedIsPassedOverAndSaid(String entry, String complaint) {
    List<MethodsToTrace> read =
        read(
            "include:\n  - %s\n  - { class: shop.Stock, methods: [{ name: reserve }] }"
                .formatted(entry));

    assertThat(complaints).containsExactly(complaint);
    assertThat(read).contains(methods("shop.Stock", "reserve"));
    assertThat(read).flatExtracting(one -> one.methods().keySet()).doesNotContain("pay", "");
  }

  private static MethodsToTrace methods(String className, String... names) {
    return new MethodsToTrace(
        className,
        Stream.of(names).collect(Collectors.toMap(Function.identity(), name -> List.of())));
  }

  private List<MethodsToTrace> read(String yaml) {
    var input = new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8));
    return MethodsToTrace.from(DeclarativeConfiguration.toConfigProperties(input), complaints::add);
  }
}
