package lapalma.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A key and a certificate for a server of this machine, made by keytool. Only clients that get the
 * certificate trust it.
 *
 * @param keystore the key and the certificate, in PKCS #12
 * @param pem the certificate, which is its own CA
 */
public record SelfSignedCertificate(Path keystore, Path pem) {
  /** The password of the keystore, whose key lives as long as a test or a run. */
  public static final String PASSWORD = "keystore";

  /** Ten years: a run of the lab can go on long after it began, with the same certificate. */
  public static final int VALID_DAYS = 3650;

  /**
   * Makes the files {@code name.p12} and {@code name.pem}, or returns those of an earlier call.
   *
   * @param subjectAlternativeNames in keytool's syntax, such as {@code ip:127.0.0.1}
   * @throws ProcessException when keytool fails
   */
  public static SelfSignedCertificate in(Path folder, String name, String subjectAlternativeNames)
      throws IOException {
    Files.createDirectories(folder);
    Path keystore = folder.resolve(name + ".p12");
    Path pem = folder.resolve(name + ".pem");
    if (!Files.exists(pem)) {
      Files.deleteIfExists(keystore);
      keytool(
          keystore,
          "-genkeypair -keyalg RSA -dname CN=%s -ext san=%s -ext bc:c -validity %d"
              .formatted(name, subjectAlternativeNames, VALID_DAYS));
      Files.writeString(pem, keytool(keystore, "-exportcert -rfc") + "\n");
    }
    return new SelfSignedCertificate(keystore, pem);
  }

  private static String keytool(Path keystore, String arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-alias", "server", "-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", keystore.toString()));
    return Command.run(command).orFail();
  }
}
