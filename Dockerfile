# Builds from the sources everything of this project that runs in containers. It needs no JDK, Maven or Go.
# compose/images.yml maps the stages to images. No stage uses a feature that needs BuildKit.
ARG MAVEN_IMAGE
ARG JRE_IMAGE

FROM ${MAVEN_IMAGE} AS poms
# What decides the dependencies of the build, and a class for each module, because without one no compiler is downloaded.
WORKDIR /lapalma
COPY . .
RUN find . -type f ! -name pom.xml ! -path './.mvn/*' -delete && \
    for pom in $(find . -name pom.xml); do mkdir -p "${pom%pom.xml}src/main/java" && echo 'class Any {}' >"${pom%pom.xml}src/main/java/Any.java"; done

FROM ${MAVEN_IMAGE} AS build
# The dependencies are a layer of their own: only a change of a pom.xml downloads them anew.
WORKDIR /lapalma
COPY --from=poms /lapalma .
ARG MAVEN="mvn --batch-mode --no-transfer-progress --quiet package -Dspotless.check.skip=true -pl dice-undertow,agent-config,stack/player -am"
RUN $MAVEN -Dmaven.test.skip=true && rm -r *
COPY . .
RUN $MAVEN --offline -DskipTests -Dattach=/lapalma/agent-config/target/container -Dattach.at=/otel

# The app on a JRE, without an agent.
FROM ${JRE_IMAGE} AS dice
COPY --from=build /lapalma/dice-undertow/target/dice.jar /dice.jar
# Any user that owns nothing in the image will do.
USER 10001:10001
EXPOSE 5000
ENTRYPOINT ["java"]
CMD ["-jar", "/dice.jar"]

FROM ${JRE_IMAGE} AS player
COPY --from=build /lapalma/stack/player/otel.yaml /lapalma/stack/player/target/player.jar /player/
USER 10001:10001
ENTRYPOINT ["java"]

# Seals dice with its agent. The JVM that will run dice does it, with the paths of its container.
FROM dice AS sealed
USER root
COPY --from=build /lapalma/agent-config/target/container /otel
COPY tools/seal-dice /lapalma/
RUN sh /lapalma/seal-dice /otel /dice.jar /otel/sealed

# The agent and its configuration. A container of this image copies them to the volume at /otel, all or nothing.
# A running JVM keeps the files that it has opened. The image is based on the JRE of dice, which is there already.
FROM ${JRE_IMAGE} AS agent
COPY --from=sealed /otel /attach
RUN mkdir /otel && chown 10001:10001 /otel
USER 10001:10001
ENTRYPOINT ["sh", "-euc"]
CMD ["rm -rf /otel/.new; cp -a /attach /otel/.new; find /otel -mindepth 1 -maxdepth 1 ! -name .new -exec rm -rf {} +; mv /otel/.new/* /otel/; rmdir /otel/.new"]
