package lapalma.stack;

import lapalma.process.ManagedProcess;

/**
 * A program of the stack. All parts may be launched before the first is waited for, so that they
 * get ready side by side.
 */
public abstract class Part implements AutoCloseable {
  private final ManagedProcess process;
  private final String url;
  private final String ready;

  /**
   * Takes a program that has been started.
   *
   * @param url its address, without a path
   * @param ready the URL that answers 200 once the part is ready
   */
  Part(ManagedProcess process, String url, String ready) {
    this.process = process;
    this.url = url;
    this.ready = ready;
  }

  /** Waits until the part is ready, and ends it if it does not get ready. */
  public void awaitReady() {
    process.awaitReady(ready);
  }

  static <P extends Part> P ready(P launched) {
    launched.awaitReady();
    return launched;
  }

  public ManagedProcess process() {
    return process;
  }

  public String url() {
    return url;
  }

  @Override
  public void close() {
    process.close();
  }
}
