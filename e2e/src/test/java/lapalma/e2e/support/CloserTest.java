package lapalma.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineTestKit;

class CloserTest {
  private static final List<String> closed = new ArrayList<>();

  /** Registers two parts and fails to start the third. */
  abstract static class FailsHalfWay {
    @AutoClose private final Closer closer = new Closer();

    void startThree() {
      closer.register(() -> closed.add("first"));
      closer.register(() -> closed.add("second"));
      throw new IllegalStateException("the third does not start");
    }

    @Test
    void isNotReached() {}
  }

  static class FailsBeforeEach extends FailsHalfWay {
    @BeforeEach
    void start() {
      startThree();
    }
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class FailsBeforeAll extends FailsHalfWay {
    @BeforeAll
    void start() {
      startThree();
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {FailsBeforeEach.class, FailsBeforeAll.class})
  void aSetUpThatFailsClosesWhatItHasStartedAndIsTheOnlyFailure(Class<?> test) {
    closed.clear();

    List<Throwable> failures =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(test))
            .execute()
            .allEvents()
            .executions()
            .failed()
            .map(execution -> execution.getTerminationInfo().getExecutionResult().getThrowable())
            .map(failure -> failure.orElseThrow())
            .toList();

    assertThat(closed).containsExactly("second", "first");
    assertThat(failures)
        .singleElement()
        .satisfies(
            failure -> assertThat(failure).hasMessage("the third does not start"),
            failure -> assertThat(failure.getSuppressed()).isEmpty());
  }

  @Test
  void whatFailsToCloseKeepsNothingElseOpen() {
    closed.clear();
    var closer = new Closer();
    closer.register(() -> closed.add("first"));
    closer.register(
        () -> {
          throw new IllegalStateException("the second stays open");
        });
    closer.register(
        () -> {
          throw new IllegalStateException("the third stays open");
        });

    assertThatThrownBy(closer::close)
        .hasMessage("the third stays open")
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("the second stays open"));
    assertThat(closed).containsExactly("first");
  }
}
