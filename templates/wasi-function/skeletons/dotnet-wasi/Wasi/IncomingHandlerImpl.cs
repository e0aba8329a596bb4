using System.Text;
using Function;
using Function.Wasi;
using FunctionWorld.wit.imports.wasi.http.v0_2_3;

// The namespace is the one that wit-bindgen looks for.
namespace FunctionWorld.wit.exports.wasi.http.v0_2_3;

public class IncomingHandlerImpl : IIncomingHandler
{
    private const int WriteAtOnce = 4096;

    public static void Handle(ITypes.IncomingRequest request, ITypes.ResponseOutparam responseOut)
    {
        var response = Handler.Handle(Read(request), Upstream.Get);

        var headers = ITypes.Fields.FromList(
            [.. response.Headers.Select(header => (header.Key, Encoding.Latin1.GetBytes(header.Value)))]
        );
        var outgoing = new ITypes.OutgoingResponse(headers);
        outgoing.SetStatusCode((ushort)response.Status);
        var body = outgoing.Body();
        // Handed over first, written to afterwards.
        ITypes.ResponseOutparam.Set(
            responseOut,
            Result<ITypes.OutgoingResponse, ITypes.ErrorCode>.Ok(outgoing)
        );
        // The stream goes before the body: the host traps where a parent goes before its child.
        using (var stream = body.Write())
        {
            foreach (var part in response.Body.Chunk(WriteAtOnce))
            {
                stream.BlockingWriteAndFlush(part);
            }
        }
        ITypes.OutgoingBody.Finish(body, null);
    }

    private static Request Read(ITypes.IncomingRequest request)
    {
        var target = (request.PathWithQuery() ?? "").Split('?', 2);
        return new(
            MethodName(request.Method()),
            target[0],
            target.ElementAtOrDefault(1) ?? "",
            Bodies.ReadFields(request.Headers()),
            Bodies.Read(request.Consume())
        );
    }

    private static string MethodName(ITypes.Method method) =>
        method.Tag switch
        {
            ITypes.Method.Tags.Get => "GET",
            ITypes.Method.Tags.Head => "HEAD",
            ITypes.Method.Tags.Post => "POST",
            ITypes.Method.Tags.Put => "PUT",
            ITypes.Method.Tags.Delete => "DELETE",
            ITypes.Method.Tags.Connect => "CONNECT",
            ITypes.Method.Tags.Options => "OPTIONS",
            ITypes.Method.Tags.Trace => "TRACE",
            ITypes.Method.Tags.Patch => "PATCH",
            _ => method.AsOther,
        };
}
