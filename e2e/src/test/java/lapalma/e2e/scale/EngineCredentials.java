package lapalma.e2e.scale;

import java.io.IOException;
import java.nio.file.Path;
import lapalma.process.SelfSignedCertificate;

/** How other machines reach an engine: at an address of this one, by TLS, with a password. */
record EngineCredentials(
    String address, String user, String password, SelfSignedCertificate certificate) {

  /** Makes the certificate for that address, in the folder. */
  static EngineCredentials at(String address, String user, String password, Path folder)
      throws IOException {
    return new EngineCredentials(
        address, user, password, SelfSignedCertificate.in(folder, "engine", "ip:" + address));
  }
}
