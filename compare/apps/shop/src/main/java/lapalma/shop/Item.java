package lapalma.shop;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** What the shop sells. */
@Entity
public class Item {
  @Id public long id;
  public String name;
  public long sold;
}
