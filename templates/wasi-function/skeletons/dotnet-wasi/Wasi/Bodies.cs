using System.Text;
using FunctionWorld;
using FunctionWorld.wit.imports.wasi.http.v0_2_3;
using FunctionWorld.wit.imports.wasi.io.v0_2_3;

namespace Function.Wasi;

internal static class Bodies
{
    private const ulong ReadAtOnce = 64 * 1024;

    public static byte[] Read(ITypes.IncomingBody body)
    {
        using var read = new MemoryStream();
        using (body)
        using (var stream = body.Stream())
        {
            while (true)
            {
                try
                {
                    read.Write(stream.BlockingRead(ReadAtOnce));
                }
                catch (WitException error)
                    when (error.Value is IStreams.StreamError { Tag: IStreams.StreamError.Tags.Closed })
                {
                    return read.ToArray();
                }
            }
        }
    }

    public static Dictionary<string, string> ReadFields(ITypes.Fields fields) =>
        fields
            .Entries()
            .GroupBy(field => field.Item1.ToLowerInvariant())
            .ToDictionary(
                group => group.Key,
                group => string.Join(", ", group.Select(field => Encoding.Latin1.GetString(field.Item2)))
            );
}
