package lapalma.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the process that listens on a TCP port of this machine, as Linux shows it under {@code
 * /proc}.
 */
public final class PortHolder {
  private static final String LISTEN = "0A";
  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  /** The first port that needs no permission, unless the machine says otherwise. */
  private static final int FIRST_OF_USERS = 1024;

  private PortHolder() {}

  /** Describes the process that holds {@code port}; empty if the port is free. */
  public static Optional<String> on(int port) {
    if (canListen(port)) {
      return Optional.empty();
    }
    return processOn(port)
        .map(
            process ->
                "process %d (%s)"
                    .formatted(process.pid(), process.info().command().orElse("unknown program")))
        .or(() -> Optional.of("a process of another user"));
  }

  /** Finds the process that listens on {@code port}, if this user may see it. */
  private static Optional<ProcessHandle> processOn(int port) {
    Set<String> sockets = socketsListeningOn(port);
    return ProcessHandle.allProcesses().filter(process -> holdsOneOf(process, sockets)).findFirst();
  }

  private static boolean canListen(int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {0, 0, 0, 0}), port));
      return true;
    } catch (IOException e) {
      if (port < FIRST_OF_USERS && socketsListeningOn(port).isEmpty()) {
        throw new ProcessException(
            "Port %d cannot be opened (%s): choose a port from %d on."
                .formatted(port, e.getMessage(), FIRST_OF_USERS));
      }
      return false;
    }
  }

  private static Set<String> socketsListeningOn(int port) {
    String suffix = ":%04X".formatted(port);
    return List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6")).stream()
        .filter(Files::isReadable)
        .flatMap(table -> lines(table).stream())
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[STATE].equals(LISTEN) && fields[LOCAL_ADDRESS].endsWith(suffix))
        .map(fields -> "socket:[%s]".formatted(fields[INODE]))
        .collect(Collectors.toSet());
  }

  private static List<String> lines(Path table) {
    try {
      return Files.readAllLines(table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holdsOneOf(ProcessHandle process, Set<String> sockets) {
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
      for (Path descriptor : descriptors) {
        if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      }
      return false;
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return false; // the process has ended meanwhile, or belongs to another user
    }
  }
}
