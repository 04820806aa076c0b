package lapalma.agent.server;

import io.undertow.util.AttachmentKey;
import net.bytebuddy.asm.Advice;

/** The code that is copied into the end of {@code AbstractAttachable#putAttachment}. */
@SuppressWarnings("unused")
final class AttachmentAdvice {

  private AttachmentAdvice() {}

  @Advice.OnMethodExit(suppress = Throwable.class)
  public static void onExit(
      @Advice.This Object attachable,
      @Advice.Argument(0) AttachmentKey<?> key,
      @Advice.Argument(1) Object value) {
    ServerRequest.attached(attachable, key, value);
  }
}
