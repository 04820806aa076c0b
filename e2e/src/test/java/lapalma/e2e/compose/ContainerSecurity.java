package lapalma.e2e.compose;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;

/** Reads from the kernel and the engine what a running container can do and who can reach it. */
final class ContainerSecurity {
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
  private static final String LISTEN = "0A";

  private final String service;
  private final JsonNode container;
  private final Path process;

  ContainerSecurity(ComposeStack stack, String service) {
    this.service = service;
    container = stack.inspect(service);
    process = Path.of("/proc", container.at("/State/Pid").asText());
  }

  /** Returns the service's row for the table of docs/security.md. */
  String row() throws IOException {
    return Stream.of(
            service,
            status("Uid").split("\\s+")[0],
            capabilities(),
            container.at("/HostConfig/ReadonlyRootfs").asBoolean() ? "read-only" : "writable",
            writable(),
            ofTheMachine(),
            ports(listening()),
            published())
        .map(cell -> cell.isEmpty() ? "-" : cell)
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  private String status(String field) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private String capabilities() throws IOException {
    boolean none = Long.parseUnsignedLong(status("CapEff"), 16) == 0;
    // Running a program with capabilities does not give it any either.
    boolean never = status("NoNewPrivs").equals("1");
    return none && never ? "none" : "CapEff %s, NoNewPrivs %s".formatted(status("CapEff"), never);
  }

  private String writable() {
    Set<String> paths = new TreeSet<>();
    for (JsonNode mount : container.path("Mounts")) {
      if (mount.path("RW").asBoolean()) {
        paths.add("`%s`".formatted(mount.path("Destination").asText()));
      }
    }
    container
        .at("/HostConfig/Tmpfs")
        .fieldNames()
        .forEachRemaining(path -> paths.add("`%s` (memory)".formatted(path)));
    return String.join(", ", paths);
  }

  private String ofTheMachine() {
    List<String> seen = new ArrayList<>();
    String project = SharedStack.project().root().toString();
    for (JsonNode mount : container.path("Mounts")) {
      String source = mount.path("Source").asText();
      if (mount.path("Type").asText().equals("bind")
          && !source.startsWith(project)
          && !source.equals("/dev/null")) {
        seen.add("`%s`%s".formatted(source, mount.path("RW").asBoolean() ? " (writes)" : ""));
      }
    }
    if (container.at("/HostConfig/PidMode").asText().equals("host")) {
      seen.add("processes");
    }
    if (container.at("/HostConfig/NetworkMode").asText().equals("host")) {
      seen.add("network");
    }
    return seen.stream().sorted().collect(Collectors.joining(", "));
  }

  /** Returns the TCP ports on which the container's first process listens. */
  private Set<Integer> listening() throws IOException {
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      for (Path file : files.toList()) {
        var socket = SOCKET.matcher(Files.readSymbolicLink(file).toString());
        if (socket.matches()) {
          sockets.add(socket.group(1));
        }
      }
    }
    Set<Integer> ports = new TreeSet<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : Files.readAllLines(process.resolve(table))) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9 && fields[3].equals(LISTEN) && sockets.contains(fields[9])) {
          ports.add(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16));
        }
      }
    }
    return ports;
  }

  private static String ports(Set<Integer> ports) {
    return ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private String published() {
    Set<String> published = new TreeSet<>();
    for (var port : container.at("/NetworkSettings/Ports").properties()) {
      for (JsonNode at : port.getValue()) {
        published.add(
            "%s on %s".formatted(port.getKey().replace("/tcp", ""), at.path("HostIp").asText()));
      }
    }
    return String.join(", ", published);
  }
}
