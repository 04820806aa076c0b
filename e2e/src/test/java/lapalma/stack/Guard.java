package lapalma.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How an engine is reached by other machines: at an address of this one, by TLS, with a password.
 *
 * @param keystore a key and its certificate for that address, which is its own CA, in PKCS #12
 * @param certificate the certificate, in PEM
 */
record Guard(String address, String user, String password, Path keystore, Path certificate) {
  static final String KEYSTORE_PASSWORD = "keystore";

  /** Makes the key, in the folder. */
  static Guard at(String address, String user, String password, Path folder) throws IOException {
    Path keystore = folder.resolve("engine.p12");
    keytool(
        folder,
        "-genkeypair",
        "-keystore",
        keystore.toString(),
        "-alias",
        "engine",
        "-keyalg",
        "EC",
        "-dname",
        "CN=engine",
        "-ext",
        "san=ip:" + address,
        "-ext",
        "bc:c",
        "-validity",
        "2");
    String certificate =
        keytool(
            folder, "-exportcert", "-rfc", "-keystore", keystore.toString(), "-alias", "engine");
    return new Guard(
        address,
        user,
        password,
        keystore,
        Files.writeString(folder.resolve("engine.pem"), certificate));
  }

  private static String keytool(Path folder, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(Path.of(Project.java()).resolveSibling("keytool").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", KEYSTORE_PASSWORD));
    return Command.run(folder, Map.of(), command).orFail("keytool");
  }
}
