package lapalma.agent.seal;

import java.lang.instrument.IllegalClassFormatException;
import java.security.ProtectionDomain;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import org.jspecify.annotations.Nullable;

/** The agent's transformer, which is not asked about a class that it leaves alone. */
final class SealedTransformer extends ResettableClassFileTransformer.WithDelegation {
  private final LeftAlone leftAlone;

  SealedTransformer(ResettableClassFileTransformer agents, LeftAlone leftAlone) {
    super(agents);
    this.leftAlone = leftAlone;
  }

  @Override
  public byte @Nullable [] transform(
      Module module,
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile)
      throws IllegalClassFormatException {
    return redefined == null && leftAlone.contains(loader, name)
        ? null
        : classFileTransformer.transform(module, loader, name, redefined, domain, classFile);
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile)
      throws IllegalClassFormatException {
    return classFileTransformer.transform(loader, name, redefined, domain, classFile);
  }
}
