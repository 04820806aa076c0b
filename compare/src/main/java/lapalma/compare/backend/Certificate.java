package lapalma.compare.backend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import lapalma.compare.LabException;
import lapalma.process.ProcessException;
import lapalma.process.SelfSignedCertificate;

/** A certificate for localhost. Each run makes its own; only the lab's programs trust it. */
public record Certificate(Path pem, SSLContext context) {
  public static Certificate make(Path folder) {
    try {
      var files = SelfSignedCertificate.in(folder, "localhost", "dns:localhost,ip:127.0.0.1");
      char[] password = SelfSignedCertificate.PASSWORD.toCharArray();
      var keys = KeyStore.getInstance("PKCS12");
      try (InputStream stream = Files.newInputStream(files.keystore())) {
        keys.load(stream, password);
      }
      var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, password);
      var context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return new Certificate(files.pem(), context);
    } catch (IOException | GeneralSecurityException | ProcessException e) {
      throw LabException.because("The lab cannot make a certificate for localhost", e);
    }
  }
}
