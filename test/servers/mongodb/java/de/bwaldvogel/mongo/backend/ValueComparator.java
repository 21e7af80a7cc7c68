package de.bwaldvogel.mongo.backend;

import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * Stands before the library's class of this name on the class path. That one orders text by UTF-16
 * units; MongoDB orders it by UTF-8 bytes, which is by code points. What is not kept in read models
 * cannot be compared at all.
 */
public class ValueComparator implements Comparator<Object> {

  private static final List<Class<?>> KINDS =
      List.of(Number.class, String.class, Document.class, Collection.class, ObjectId.class,
          Boolean.class, Instant.class, MaxKey.class);

  private static final ValueComparator ASCENDING = new ValueComparator(1, true);
  private static final ValueComparator DESCENDING = new ValueComparator(-1, true);
  private static final ValueComparator WHOLE_LISTS = new ValueComparator(1, false);

  private final int direction;
  /** A list stands where its least element does; otherwise it is compared element by element. */
  private final boolean byLeastElement;

  private ValueComparator(int direction, boolean byLeastElement) {
    this.direction = direction;
    this.byLeastElement = byLeastElement;
  }

  public static ValueComparator asc() {
    return ASCENDING;
  }

  public static ValueComparator desc() {
    return DESCENDING;
  }

  public static ValueComparator ascWithoutListHandling() {
    return WHOLE_LISTS;
  }

  @Override
  public ValueComparator reversed() {
    return direction > 0 ? DESCENDING : ASCENDING;
  }

  @Override
  public int compare(Object left, Object right) {
    return direction * ascending(left, right);
  }

  static int compareTypes(Object left, Object right) {
    return Integer.compare(kindOf(left), kindOf(right));
  }

  private int ascending(Object left, Object right) {
    if (left == right) return 0;
    if (byLeastElement && (left instanceof Collection || right instanceof Collection)) {
      return ascending(leastOf(left), leastOf(right));
    }
    int kinds = compareTypes(left, right);
    if (kinds != 0 || Missing.isNullOrMissing(left)) return kinds;
    if (left instanceof Number) return numbers((Number) left, (Number) right);
    if (left instanceof String) return text((String) left, (String) right);
    if (left instanceof Document) return documents((Document) left, (Document) right);
    if (left instanceof Collection) return lists((Collection<?>) left, (Collection<?>) right);
    if (left instanceof ObjectId) return ((ObjectId) left).compareTo((ObjectId) right);
    if (left instanceof Boolean) return ((Boolean) left).compareTo((Boolean) right);
    if (left instanceof Instant) return ((Instant) left).compareTo((Instant) right);
    return 0;
  }

  private static int kindOf(Object value) {
    if (value instanceof MinKey) return -2;
    if (Missing.isNullOrMissing(value)) return -1;
    for (int kind = 0; kind < KINDS.size(); kind += 1) {
      if (KINDS.get(kind).isInstance(value)) return kind;
    }
    throw new UnsupportedOperationException("the stand-in cannot compare " + value.getClass());
  }

  private static Object leastOf(Object value) {
    if (!(value instanceof Collection)) return value;
    return ((Collection<?>) value).stream().min(ASCENDING).map(Object.class::cast)
        .orElse(Missing.getInstance());
  }

  private static int numbers(Number left, Number right) {
    if (left instanceof Decimal128 && right instanceof Decimal128) {
      return ((Decimal128) left).compareTo((Decimal128) right);
    }
    Number one = Utils.normalizeNumber(left);
    Number other = Utils.normalizeNumber(right);
    boolean whole = !(one instanceof Double) && !(other instanceof Double);
    return whole
        ? Long.compare(one.longValue(), other.longValue())
        : Double.compare(one.doubleValue(), other.doubleValue());
  }

  private static int text(String left, String right) {
    int length = Math.min(left.length(), right.length());
    for (int at = 0; at < length; at += 1) {
      char one = left.charAt(at);
      char other = right.charAt(at);
      if (one == other) continue;
      boolean oneHigh = Character.isSurrogate(one);
      if (oneHigh != Character.isSurrogate(other)) return oneHigh ? 1 : -1;
      return Character.compare(one, other);
    }
    return Integer.compare(left.length(), right.length());
  }

  private static int lists(Collection<?> left, Collection<?> right) {
    Iterator<?> ones = left.iterator();
    Iterator<?> others = right.iterator();
    while (ones.hasNext() && others.hasNext()) {
      int order = WHOLE_LISTS.compare(ones.next(), others.next());
      if (order != 0) return order;
    }
    return Boolean.compare(ones.hasNext(), others.hasNext());
  }

  private static int documents(Document left, Document right) {
    List<String> ones = new ArrayList<>(left.keySet());
    List<String> others = new ArrayList<>(right.keySet());
    for (int at = 0; at < Math.min(ones.size(), others.size()); at += 1) {
      Object one = left.get(ones.get(at));
      Object other = right.get(others.get(at));
      int order = compareTypes(one, other);
      if (order == 0) order = text(ones.get(at), others.get(at));
      if (order == 0) order = WHOLE_LISTS.compare(one, other);
      if (order != 0) return order;
    }
    return Integer.compare(ones.size(), others.size());
  }
}
