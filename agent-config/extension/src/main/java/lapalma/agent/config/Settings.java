package lapalma.agent.config;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import java.util.function.BiFunction;

/** Reads numbers of the declarative configuration, and refuses what is none. */
public final class Settings {
  private Settings() {}

  /**
   * Reads a number. The agent takes one of another type, such as 0 for 0.0, as not set.
   *
   * @param read reads a value of the right type, or null
   * @param wanted what to write instead of a value of another type
   * @throws DeclarativeConfigException if there is a value of another type
   */
  public static <T> T number(
      DeclarativeConfigProperties config,
      String name,
      BiFunction<DeclarativeConfigProperties, String, T> read,
      T byDefault,
      String wanted) {
    T value = read.apply(config, name);
    if (value == null && config.getPropertyKeys().contains(name)) {
      throw new DeclarativeConfigException(name + " must be " + wanted);
    }
    return value == null ? byDefault : value;
  }

  /**
   * Reads a whole number from 1.
   *
   * @throws DeclarativeConfigException if there is another value
   */
  public static int atLeastOne(DeclarativeConfigProperties config, String name, int byDefault) {
    String wanted = "a whole number from 1 to 2147483647";
    int value = number(config, name, DeclarativeConfigProperties::getInt, byDefault, wanted);
    if (value < 1) {
      throw new DeclarativeConfigException(name + " must be " + wanted + ": " + value);
    }
    return value;
  }
}
