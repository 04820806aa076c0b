/**
 * Chooses the agent's modules for an app: what needs a library that the app does not have is
 * disabled, so that the agent's start is shorter and nothing is lost.
 */
package lapalma.agent.fit;
