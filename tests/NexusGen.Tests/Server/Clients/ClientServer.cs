using Microsoft.AspNetCore.Http;

namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// A server for clients in other languages. It asks for a key, and beside its own addresses it answers <c>POST /look</c>: what
/// the picture in the body shows, as <see cref="Look"/> says it.
/// </summary>
internal static class ClientServer
{
    /// <summary>The key that the server asks for.</summary>
    public const string Key = "a-right-key";

    /// <summary>Starts a server.</summary>
    /// <param name="model">The model.</param>
    public static Task<TestServer> StartAsync(NexusGenModel model) =>
        TestServer.StartAsync(model, options => options.ApiKeys.Add(Key), LookAsync);

    private static async Task LookAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path != "/look")
        {
            await next(context);
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        await context.Response.WriteAsync(Look.At(body.ToArray()));
    }
}
