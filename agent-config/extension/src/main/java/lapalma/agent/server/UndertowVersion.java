package lapalma.agent.server;

import io.undertow.Version;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which versions of Undertow the advice fits: it is tested on 1.4.28 to 2.4. */
final class UndertowVersion {
  private static final Logger log = Logger.getLogger(UndertowVersion.class.getName());
  private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\..*");

  static final boolean IS_SUPPORTED = check(Version.getVersionString());

  private UndertowVersion() {}

  private static boolean check(String version) {
    boolean supported = isSupported(version);
    if (!supported) {
      log.severe(
          "undertow_server is off for Undertow %s: it needs 1.4 to 2.x. Replace it by undertow, undertow_route in enabled, or change the version of Undertow."
              .formatted(version));
    }
    return supported;
  }

  /** Returns true if the version is unknown, as in a jar that has others in it. */
  static boolean isSupported(String version) {
    Matcher parts = FORM.matcher(version);
    if (!parts.matches()) {
      return true;
    }
    int major = Integer.parseInt(parts.group(1));
    return major == 2 || (major == 1 && Integer.parseInt(parts.group(2)) >= 4);
  }
}
