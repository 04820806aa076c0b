package lapalma.compare.backend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import lapalma.compare.LabException;
import lapalma.compare.host.Jdks;
import lapalma.compare.host.Subprocess;

/** A certificate for localhost, made anew for each run: only the lab's own programs trust it. */
public record Certificate(Path pem, SSLContext context) {
  // Protects a key that dies with the run.
  private static final String PASSWORD = "localhost";

  public static Certificate make(Path folder) {
    Path store = folder.resolve("localhost.p12");
    Path pem = folder.resolve("localhost.pem");
    try {
      Files.createDirectories(folder);
      if (!Files.exists(pem)) {
        Files.deleteIfExists(store);
        keytool(
            "-genkeypair -alias lab -keyalg RSA -validity 30 -dname CN=localhost"
                + " -ext SAN=dns:localhost,ip:127.0.0.1 -storetype PKCS12",
            store);
        Files.writeString(pem, keytool("-exportcert -rfc -alias lab", store));
      }
      var keys = KeyStore.getInstance("PKCS12");
      try (InputStream stream = Files.newInputStream(store)) {
        keys.load(stream, PASSWORD.toCharArray());
      }
      var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, PASSWORD.toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return new Certificate(pem, context);
    } catch (IOException | GeneralSecurityException e) {
      throw new LabException("A certificate for localhost cannot be made.", e);
    }
  }

  private static String keytool(String arguments, Path store) {
    return Subprocess.run(
        List.of(
            (Jdks.own().resolve("bin/keytool")
                    + " "
                    + arguments
                    + " -storepass "
                    + PASSWORD
                    + " -keystore "
                    + store)
                .split(" ")));
  }
}
