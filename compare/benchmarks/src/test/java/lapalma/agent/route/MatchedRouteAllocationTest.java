package lapalma.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Checks what the advice allocates, which, unlike time, is the same on every machine. */
class MatchedRouteAllocationTest {

  @Test
  void whatIsNotAMatchAllocatesNothing() throws RunnerException {
    assertThat(bytesPerCall("otherAttachment")).isLessThan(0.5);
  }

  @Test
  void aMatchAllocatesLittleMoreThanWithoutTheAdvice() throws RunnerException {
    double advice = bytesPerCall("match");
    double without = bytesPerCall("matchWithoutTheAdvice");
    // The advice adds a depth and the route; the map of attachments comes with either.
    assertThat(advice - without).isBetween(-50.0, 200.0);
  }

  private static double bytesPerCall(String benchmark) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(MatchedRouteBenchmark.class.getName() + "\\." + benchmark + "$")
            // In this JVM: a fork costs a second, and the count is the same.
            .forks(0)
            .warmupIterations(2)
            .warmupTime(TimeValue.milliseconds(200))
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(200))
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .build();
    RunResult result = new Runner(options).runSingle();
    return result.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
  }
}
