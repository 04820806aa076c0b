package lapalma.shop;

import org.springframework.data.jpa.repository.JpaRepository;

/** The table of the items. */
interface Items extends JpaRepository<Item, Long> {}
