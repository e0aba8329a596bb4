using System.Text;
using Function.Wasi;
using Xunit;

namespace Function.Tests;

public class HandlerTest : IDisposable
{
    public void Dispose()
    {
        Environment.SetEnvironmentVariable("GREETING", null);
        Environment.SetEnvironmentVariable("UPSTREAM_URL", null);
    }

    private static (int, string) Ask(
        string method,
        string target,
        string body = "",
        Func<string, Response>? get = null
    )
    {
        var parts = target.Split('?', 2);
        var request = new Request(
            method,
            parts[0],
            parts.ElementAtOrDefault(1) ?? "",
            [],
            Encoding.UTF8.GetBytes(body)
        );
        var response = Handler.Handle(request, get ?? (url => throw new UnreachableException(url)));
        return (response.Status, Encoding.UTF8.GetString(response.Body));
    }

    [Fact]
    public void GreetsTheWorld() => Assert.Equal((200, "Hello, world!\n"), Ask("GET", "/"));

    [Fact]
    public void GreetsWhoIsNamedAsGreetingSays()
    {
        Environment.SetEnvironmentVariable("GREETING", "Moi");
        Assert.Equal((200, "Moi, Ada Lovelace!\n"), Ask("GET", "/?name=Ada%20Lovelace"));
    }

    [Fact]
    public void TellsWhatItWasAsked() =>
        Assert.Equal(
            (200, "method: POST\npath: /echo\nquery: a=1&b=2\nbody: some text\n"),
            Ask("POST", "/echo?a=1&b=2", "some text")
        );

    [Fact]
    public void CallsItsUpstreamWhileThereIsOne()
    {
        Assert.Equal((503, "UPSTREAM_URL is not set\n"), Ask("GET", "/upstream"));
        Environment.SetEnvironmentVariable("UPSTREAM_URL", "http://upstream/");
        Assert.Equal((502, "upstream failed\n"), Ask("GET", "/upstream"));
        Assert.Equal(
            (200, "upstream: 201\nready"),
            Ask("GET", "/upstream", get: _ => new(201, "ready"u8.ToArray(), []))
        );
    }

    [Fact]
    public void KnowsNoOtherPath()
    {
        Assert.Equal((404, "Not found\n"), Ask("GET", "/nowhere"));
        Assert.Equal((404, "Not found\n"), Ask("POST", "/"));
    }
}
