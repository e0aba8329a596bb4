namespace Function.Wasi;

/// <summary>A request that came in; path and query are as they were sent.</summary>
/// <param name="Headers">Names in lower case; values of the same name are joined by ", ".</param>
public record Request(
    string Method,
    string Path,
    string Query,
    Dictionary<string, string> Headers,
    byte[] Body
);

/// <summary>What goes out, or what an upstream answered.</summary>
public record Response(int Status, byte[] Body, Dictionary<string, string> Headers);

/// <summary>No answer came.</summary>
public class UnreachableException(string message) : Exception(message);
