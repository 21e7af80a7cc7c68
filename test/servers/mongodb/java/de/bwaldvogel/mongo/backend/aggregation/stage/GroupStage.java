package de.bwaldvogel.mongo.backend.aggregation.stage;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.backend.aggregation.Expression;
import de.bwaldvogel.mongo.backend.aggregation.accumulator.Accumulator;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Stands before the library's class of this name on the class path. That one evaluates a key of
 * several fields twice, so that a value which begins with `$` counts as the field of that name.
 */
public class GroupStage implements AggregationStage {

  private final Map<String, Supplier<Accumulator>> suppliers;
  private final Object key;

  public GroupStage(Document group) {
    suppliers = Accumulator.parse(group);
    key = group.get("_id");
  }

  @Override
  public String name() {
    return "$group";
  }

  @Override
  public Stream<Document> apply(Stream<Document> stream) {
    Map<Object, List<Accumulator>> groups = new TreeMap<>(ValueComparator.asc());
    stream.forEach(document -> {
      List<Accumulator> group = groups.computeIfAbsent(keyOf(document), found -> started());
      for (Accumulator accumulator : group) {
        accumulator.aggregate(Expression.evaluateDocument(accumulator.getExpression(), document));
      }
    });
    return groups.entrySet().stream().map(entry -> {
      Document result = new Document("_id", Missing.isNullOrMissing(entry.getKey()) ? null : entry.getKey());
      for (Accumulator accumulator : entry.getValue()) {
        result.put(accumulator.getField(), accumulator.getResult());
      }
      return result;
    });
  }

  private List<Accumulator> started() {
    List<Accumulator> group = new ArrayList<>();
    for (Supplier<Accumulator> supplier : suppliers.values()) group.add(supplier.get());
    return group;
  }

  private Object keyOf(Document document) {
    boolean ofFields =
        key instanceof Document
            && ((Document) key).keySet().stream().noneMatch(name -> name.startsWith("$"));
    if (!ofFields) return Missing.ofNullable(Expression.evaluateDocument(key, document));
    Document found = new Document();
    for (Map.Entry<String, Object> part : ((Document) key).entrySet()) {
      Object value = Expression.evaluateDocument(part.getValue(), document);
      if (!(value instanceof Missing)) found.put(part.getKey(), value);
    }
    return found;
  }
}
