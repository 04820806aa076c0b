package lapalma.player;

/**
 * Starts the player from environment variables. It plays until it is ended.
 *
 * <p>Exit code 2, with a sentence on stderr, when a variable has a bad value; 143 after SIGTERM.
 */
public final class Main {
  private static final int BAD_SETTING = 2;

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    try {
      new Player(Settings.from(System.getenv()), System.out::println).play();
    } catch (BadSettingException e) {
      System.err.println(e.getMessage());
      System.exit(BAD_SETTING);
    }
  }
}
