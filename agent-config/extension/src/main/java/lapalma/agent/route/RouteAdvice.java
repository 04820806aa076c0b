package lapalma.agent.route;

import io.undertow.util.AttachmentKey;
import net.bytebuddy.asm.Advice;

/** The code that is copied into the end of {@code AbstractAttachable#putAttachment}. */
@SuppressWarnings("unused")
final class RouteAdvice {

  private RouteAdvice() {}

  @Advice.OnMethodExit(suppress = Throwable.class)
  public static void onExit(
      @Advice.This Object attachable,
      @Advice.Argument(0) AttachmentKey<?> key,
      @Advice.Argument(1) Object value,
      @Advice.Return Object previous)
      throws Throwable {
    MatchedRoute.attached(attachable, key, value, previous);
    HandledException.attached(key, value);
  }
}
