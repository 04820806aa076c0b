# Everything of this project that runs in containers, built from its sources: no JDK, Maven or Go is needed here.
# compose/images.yml says which stage is which image. It uses no feature that needs BuildKit.
ARG MAVEN_IMAGE
ARG JRE_IMAGE

FROM ${MAVEN_IMAGE} AS build
WORKDIR /lapalma
COPY . .
RUN mvn --batch-mode --no-transfer-progress --quiet package -DskipTests -Dspotless.check.skip=true \
    -pl dice-undertow,agent-config,stack/player -am \
    -Dattach=/lapalma/agent-config/target/container -Dattach.at=/otel

# The app on a JRE, and nothing else: no agent.
FROM ${JRE_IMAGE} AS dice
COPY --from=build /lapalma/dice-undertow/target/dice.jar /dice.jar
# Of no account in the image: it only has to be none that owns anything.
USER 10001:10001
EXPOSE 5000
ENTRYPOINT ["java"]
CMD ["-jar", "/dice.jar"]

FROM ${JRE_IMAGE} AS player
COPY --from=build /lapalma/stack/player/otel.yaml /lapalma/stack/player/target/player.jar /player/
USER 10001:10001
ENTRYPOINT ["java"]

# The class archive that dice starts from, by the JVM that will run it, with the paths that it has there. It only saves
# time: without it dice starts too.
FROM dice AS archive
USER root
COPY --from=build /lapalma/agent-config/target/container /otel
RUN java -jar /otel/class-archive.jar /otel/agent.aot /dice.jar || echo "dice starts without a class archive."

# The agent and its configuration, which a container of this image copies to the volume at /otel: whole or not at all.
# A JVM that runs keeps the files that it has opened. On dice's JRE, which is there already.
FROM ${JRE_IMAGE} AS agent
COPY --from=archive /otel /attach
RUN mkdir /otel && chown 10001:10001 /otel
USER 10001:10001
ENTRYPOINT ["sh", "-euc"]
CMD ["rm -rf /otel/.new; cp -a /attach /otel/.new; find /otel -mindepth 1 -maxdepth 1 ! -name .new -exec rm -rf {} +; mv /otel/.new/* /otel/; rmdir /otel/.new"]
