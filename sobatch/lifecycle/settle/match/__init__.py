"""What became of every order of a part, from both result lists together: what all consistent assignments agree on.

The rule, which the tests hold against every assignment of small parts:

- An *assignment* gives every entry of both lists to an order that it fits. Several entries of one list may be about
  the same order (one entry per error); no order is in both lists. It is *consistent* when the orders told as failed,
  as created and in all are as many as the ERP states, and when every order is told, if the ERP says it finished.
- An entry *fits* an order whose own keys it tells (external id, reference, and in the failed list the number) and
  which it contradicts in nothing that both say. A key that no order of the part has names nobody, but still contradicts
  another value. A number in the created list is the ERP's: no key, and no contradiction. A created entry that says
  nothing at all fits no order.
- An *index* is a position counted from 0 or from 1, the same way in both lists. Where the indexes of a list run from
  0 or 1 as its entries do, they may also be the list's own count, which says nothing; unless the list has an
  entry for every order, all of which it must tell, and the positions are consistent. Indexes that cannot be positions
  say nothing. An index that the profile explains is a position (`Outcome.position`).
- A *verdict* is what all consistent assignments, over all meanings of the indexes, agree on: created, rejected, or told
  nowhere (not created). Equal orders share by count: where the numbers of created and rejected among orders of equal
  content are the same in all of them, as many get each verdict, marked as twins. Everything else is unknown.
- Where no assignment is consistent, the lists *do not add up*, and little is believed: an order is created if a
  created entry fits it alone and no failed entry may be about it; it is rejected if a failed entry fits it alone, no
  created entry may be about it, each created entry fits some order alone, and the ERP states no more created orders
  than these.

Exactness is given up, always towards unknown, where more is open than can be tried out (`worlds`), and where too many
contents look alike to be compared one by one (`finder`).
"""
