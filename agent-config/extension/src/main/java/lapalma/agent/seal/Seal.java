package lapalma.agent.seal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the agent leaves alone, and what that depends on. */
record Seal(Binding binding, LeftAlone leftAlone) {
  static Seal read(Path file) throws IOException {
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      return new Seal(Binding.read(in), LeftAlone.read(in));
    }
  }

  void write(Path file) throws IOException {
    try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      binding.write(out);
      leftAlone.write(out);
    }
  }
}
