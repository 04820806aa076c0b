package lapalma.agent.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "A comment behind the directory"})
  void aJarIsTheSameOnlyWithTheSameEntriesAndTime(String comment) throws IOException {
    Path jar = folder.resolve("a.jar");
    FileTime time = FileTime.fromMillis(1_700_000_000_000L);
    String before = state(jar, "one", comment, time);

    assertThat(state(jar, "one", comment, time)).isEqualTo(before);
    // As long as before, with the same time.
    assertThat(state(jar, "two", comment, time)).isNotEqualTo(before);
    assertThat(state(jar, "one", comment, FileTime.fromMillis(1_700_000_001_000L)))
        .isNotEqualTo(before);
    Files.delete(jar);
    String now = FileState.of(jar);
    assertThat(FileState.change(before, now)).isEqualTo("is missing");
    assertThat(FileState.change(now, before)).isEqualTo("is new");
  }

  private static String state(Path jar, String content, String comment, FileTime time)
      throws IOException {
    try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
      out.setComment(comment);
      var entry = new ZipEntry("entry");
      entry.setTime(0);
      out.putNextEntry(entry);
      out.write(content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    Files.setLastModifiedTime(jar, time);
    return FileState.of(jar);
  }

  @Test
  void onlyListedClassesOfTheJvmsOwnLoadersAreLeftAlone() throws IOException {
    var bytes = new ByteArrayOutputStream();
    LeftAlone.of(Set.of("a.B", "a.C$D")).write(new DataOutputStream(bytes));

    LeftAlone read =
        LeftAlone.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

    ClassLoader app = ClassLoader.getSystemClassLoader();
    assertThat(read.contains(app, "a/B")).isTrue();
    assertThat(read.contains(null, "a.C$D")).isTrue();
    assertThat(read.contains(app, "a/C")).isFalse();
    assertThat(read.contains(app, null)).isFalse();
    assertThat(read.contains(new ClassLoader(app) {}, "a/B")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"17.0.15,true", "25.0.3,false", "25.0.4,true", "26,false", "26.0.1,true", "27,true"})
  void someJdksDoNotCompareJars(String version, boolean compares) {
    assertThat(Restart.comparesJars(Runtime.Version.parse(version))).isEqualTo(compares);
  }
}
