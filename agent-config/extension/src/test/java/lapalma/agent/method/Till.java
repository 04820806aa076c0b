package lapalma.agent.method;

/** What tests of the advice have traced by its interface. */
interface Till {
  int take(int coins);

  default int empty() {
    return 0;
  }
}
