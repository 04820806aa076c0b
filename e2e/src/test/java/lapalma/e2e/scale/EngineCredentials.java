package lapalma.e2e.scale;

import java.io.IOException;
import java.nio.file.Path;
import lapalma.process.SelfSignedCertificate;

/**
 * The credentials by which other machines reach an engine: an address of this machine, TLS and a
 * password.
 */
record EngineCredentials(
    String address, String user, String password, SelfSignedCertificate certificate) {

  /** Makes the certificate for the address, in the folder. */
  static EngineCredentials at(String address, String user, String password, Path folder)
      throws IOException {
    return new EngineCredentials(
        address, user, password, SelfSignedCertificate.in(folder, "engine", "ip:" + address));
  }
}
