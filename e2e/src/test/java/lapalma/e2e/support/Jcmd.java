package lapalma.e2e.support;

import java.nio.file.Path;
import java.util.List;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;

/** The JDK's tool that commands a running JVM. */
public final class Jcmd {
  private Jcmd() {}

  /** Collects the whole heap of a JVM. */
  public static void collectGarbage(ManagedProcess jvm) {
    Path jcmd = Path.of(Project.java()).resolveSibling("jcmd");
    Command.run(List.of(jcmd.toString(), String.valueOf(jvm.pid()), "GC.run")).orFail();
  }
}
