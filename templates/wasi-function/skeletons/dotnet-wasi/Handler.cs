using System.Text;
using Function.Wasi;

namespace Function;

public static class Handler
{
    /// <summary>
    /// Answers one request. Every request meets a fresh instance of the module:
    /// what must last belongs elsewhere.
    /// </summary>
    public static Response Handle(Request request, Func<string, Response> get) =>
        (request.Method, request.Path) switch
        {
            (_, "/echo") => Echo(request),
            ("GET", "/") => Greet(request),
            ("GET", "/upstream") => CallUpstream(get),
            _ => Text(404, "Not found\n"),
        };

    private static Response Greet(Request request)
    {
        var greeting = Environment.GetEnvironmentVariable("GREETING");
        var name = Parameter(request.Query, "name") ?? "world";
        return Text(200, $"{(string.IsNullOrEmpty(greeting) ? "Hello" : greeting)}, {name}!\n");
    }

    private static Response Echo(Request request)
    {
        var head =
            $"method: {request.Method}\npath: {request.Path}\nquery: {request.Query}\nbody: ";
        return Text(200, head, request.Body, "\n"u8.ToArray());
    }

    private static Response CallUpstream(Func<string, Response> get)
    {
        var url = Environment.GetEnvironmentVariable("UPSTREAM_URL");
        if (string.IsNullOrEmpty(url))
        {
            return Text(503, "UPSTREAM_URL is not set\n");
        }
        try
        {
            var upstream = get(url);
            return Text(200, $"upstream: {upstream.Status}\n", upstream.Body);
        }
        catch (UnreachableException)
        {
            return Text(502, "upstream failed\n");
        }
    }

    private static string? Parameter(string query, string name) =>
        query
            .Split('&')
            .Select(part => part.Split('=', 2))
            .Where(pair => pair is [var key, _] && key == name)
            .Select(pair => Uri.UnescapeDataString(pair[1]))
            .FirstOrDefault();

    private static Response Text(int status, string text, params byte[][] more) =>
        new(
            status,
            [.. Encoding.UTF8.GetBytes(text), .. more.SelectMany(part => part)],
            new() { ["content-type"] = "text/plain; charset=utf-8" }
        );
}
