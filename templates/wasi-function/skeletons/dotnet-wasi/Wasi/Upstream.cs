using FunctionWorld;
using FunctionWorld.wit.imports.wasi.http.v0_2_3;

namespace Function.Wasi;

internal static class Upstream
{
    /// <summary>Fetches what is at an http or https address.</summary>
    public static Response Get(string url)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        )
        {
            throw new UnreachableException($"{url} is no http or https address");
        }
        try
        {
            var request = new ITypes.OutgoingRequest(new ITypes.Fields());
            request.SetScheme(
                address.Scheme == Uri.UriSchemeHttps
                    ? ITypes.Scheme.Https()
                    : ITypes.Scheme.Http()
            );
            request.SetAuthority(address.Authority);
            request.SetPathWithQuery(address.PathAndQuery);

            var future = OutgoingHandlerInterop.Handle(request, null);
            using (var pollable = future.Subscribe())
            {
                pollable.Block();
            }
            // A result of a result: the outer one tells that it was not taken before.
            var answer = future.Get()!.Value.AsOk;
            if (answer.IsErr)
            {
                throw new UnreachableException($"{url}: error code {answer.AsErr.Tag}");
            }
            var response = answer.AsOk;
            return new(
                response.Status(),
                Bodies.Read(response.Consume()),
                Bodies.ReadFields(response.Headers())
            );
        }
        catch (WitException error)
        {
            throw new UnreachableException($"{url}: {error.Value}");
        }
    }
}
