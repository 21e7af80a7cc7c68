import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A stand-in for a MongoDB server: mongo-java-server with what a driver of today asks for, and with
 * refusals where it would answer as if it had done what it has not. Data lives in memory only.
 * Started with a port (0 for a free one) it prints the port, and ends with its standard input.
 */
public final class Launcher {

  private Launcher() {}

  public static void main(String[] arguments) throws IOException {
    MongoServer server = new MongoServer(new StandIn());
    // One thread: replies are written outside of the locks, and documents would be torn.
    server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])), 1, 1);
    System.out.println(server.getLocalAddress().getPort());
    System.out.flush();
    // The pipe closes when whoever started it is gone, however that came about.
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(0);
  }
}

/** The oldest server that the driver talks to. */
final class Announced implements MongoVersion {

  @Override
  public List<Integer> getVersionArray() {
    return List.of(4, 4, 0);
  }

  @Override
  public int getWireVersion() {
    return 9;
  }
}

final class StandIn extends MemoryBackend {

  StandIn() {
    version(new Announced());
  }

  @Override
  public MemoryDatabase openOrCreateDatabase(String name) {
    return new IndexedDatabase(name, getCursorRegistry());
  }

  @Override
  public Document handleCommand(Channel channel, String database, String command, Document query) {
    Refusals.check(command, query);
    if (command.equalsIgnoreCase("hello") || command.equalsIgnoreCase("ismaster")) {
      return greeted(super.handleCommand(channel, database, "ismaster", query));
    }
    if (command.equalsIgnoreCase("aggregate")) {
      query.put("pipeline", copying(Refusals.listOf(query.get("pipeline"))));
    }
    Document answer = super.handleCommand(channel, database, command, query);
    if (command.equalsIgnoreCase("buildinfo")) {
      answer.put("standIn", "mongo-java-server 1.47.0");
    }
    return answer;
  }

  private static Document greeted(Document answer) {
    answer.put("isWritablePrimary", Boolean.TRUE);
    answer.put("helloOk", Boolean.TRUE);
    answer.put("readOnly", Boolean.FALSE);
    answer.put("logicalSessionTimeoutMinutes", Integer.valueOf(30));
    return answer;
  }

  /** Stock `$out` puts the very documents of the source into the target: later updates reach both. */
  private static List<Object> copying(Collection<?> pipeline) {
    List<Object> stages = new ArrayList<>(pipeline);
    int last = stages.size() - 1;
    if (last >= 0 && stages.get(last) instanceof Document) {
      Set<String> names = ((Document) stages.get(last)).keySet();
      if (names.contains("$out") || names.contains("$merge")) {
        stages.add(last, new Document("$addFields", new Document("_id", "$_id")));
      }
    }
    return stages;
  }
}

/** Stock indexes serve filters that hold their keys and nothing else; all others scan. */
final class IndexedDatabase extends MemoryDatabase {

  IndexedDatabase(String name, CursorRegistry cursors) {
    super(name, cursors);
  }

  @Override
  protected Index<Integer> openOrCreateUniqueIndex(
      String collection, String name, List<IndexKey> keys, boolean sparse) {
    boolean ofIds = keys.size() == 1 && keys.get(0).getKey().equals("_id");
    return ofIds ? new IdIndex(name, keys) : new MemoryUniqueIndex(name, keys, sparse);
  }
}

/** Leads to the document by `_id`; the collection holds the rest of the filter against it. */
final class IdIndex extends MemoryUniqueIndex {

  IdIndex(String name, List<IndexKey> keys) {
    super(name, keys, false);
  }

  @Override
  public synchronized boolean canHandle(Document query) {
    return query.containsKey("_id") && super.canHandle(idOf(query));
  }

  @Override
  public synchronized Iterable<Integer> getPositions(Document query) {
    return super.getPositions(idOf(query));
  }

  private static Document idOf(Document query) {
    return new Document("_id", query.get("_id"));
  }
}

/** What stock would take and leave undone, or do otherwise than MongoDB. */
final class Refusals {

  private static final Set<String> INDEX_OPTIONS =
      Set.of("expireAfterSeconds", "partialFilterExpression", "collation", "wildcardProjection");
  private static final Set<String> COLLECTION_OPTIONS =
      Set.of("validator", "validationLevel", "viewOn", "timeseries", "expireAfterSeconds");

  private Refusals() {}

  static void check(String command, Document query) {
    for (String name : List.of("startTransaction", "autocommit", "txnNumber")) {
      if (query.containsKey(name)) {
        throw refused(20, "IllegalOperation", "transactions and retryable writes want a replica set");
      }
    }
    if (query.containsKey("collation")) throw unknown("collation");
    checkConcerns(query);
    switch (command) {
      case "update":
        for (Object update : listOf(query.get("updates"))) checkUpdate((Document) update);
        break;
      case "findAndModify":
        checkPipeline(query.get("update"));
        checkFilter(query.get("query"));
        break;
      case "delete":
        for (Object delete : listOf(query.get("deletes"))) checkFilter(((Document) delete).get("q"));
        break;
      case "find":
        checkFilter(query.get("filter"));
        break;
      case "aggregate":
        for (Object stage : listOf(query.get("pipeline"))) checkFilter(stage);
        break;
      case "createIndexes":
        for (Object index : listOf(query.get("indexes"))) checkIndex((Document) index);
        break;
      case "create":
        for (String option : COLLECTION_OPTIONS) if (query.containsKey(option)) throw unknown(option);
        break;
      case "dropIndexes":
        throw unknown("dropIndexes (stock forgets the indexes of other collections, too)");
      default:
        break;
    }
  }

  static Collection<?> listOf(Object value) {
    return value instanceof Collection ? (Collection<?>) value : List.of();
  }

  private static void checkConcerns(Document query) {
    Object concern = query.get("writeConcern");
    if (concern instanceof Document) {
      Object w = ((Document) concern).get("w");
      if (w instanceof Number && ((Number) w).intValue() == 0) throw unknown("w: 0");
    }
    Object read = query.get("readConcern");
    if (read instanceof Document) {
      Object level = ((Document) read).get("level");
      if (level != null && !level.equals("local")) throw unknown("readConcern " + level);
    }
  }

  private static void checkUpdate(Document update) {
    if (update.containsKey("collation")) throw unknown("collation");
    checkPipeline(update.get("u"));
    checkFilter(update.get("q"));
  }

  private static void checkPipeline(Object update) {
    if (update instanceof Collection) throw unknown("updates by a pipeline");
  }

  private static void checkFilter(Object filter) {
    if (filter instanceof Collection) {
      for (Object part : (Collection<?>) filter) checkFilter(part);
    }
    if (!(filter instanceof Document)) return;
    for (Map.Entry<String, Object> entry : ((Document) filter).entrySet()) {
      if (entry.getKey().equals("$text") || entry.getKey().equals("$where")) {
        throw unknown(entry.getKey());
      }
      checkFilter(entry.getValue());
    }
  }

  private static void checkIndex(Document index) {
    for (String option : INDEX_OPTIONS) if (index.containsKey(option)) throw unknown(option);
    for (Map.Entry<String, Object> key : ((Document) index.get("key")).entrySet()) {
      if (!(key.getValue() instanceof Number) || key.getKey().contains("$**")) {
        throw unknown("an index of kind " + key.getValue());
      }
    }
  }

  private static MongoServerError unknown(String what) {
    return refused(115, "CommandNotSupported", "the stand-in does not know " + what);
  }

  private static MongoServerError refused(int code, String name, String message) {
    return new MongoServerError(code, name, message);
  }
}
