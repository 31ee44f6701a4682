using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NexusGen.Server;
using NexusGen.Server.Configuration;
using NexusGen.Tests.Extensions;
using OpenAI;

namespace NexusGen.Tests.Server;

/// <summary>A server on a port of its own, in this process.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public HttpClient Http => field ??= new HttpClient { BaseAddress = Address };

    public IServiceProvider Services => _app.Services;

    /// <summary>What was logged, of all levels.</summary>
    public LineLogger Log { get; private init; } = new();

    /// <summary>Starts a server around a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="before">A step before all of the server's own.</param>
    public static async Task<TestServer> StartAsync(NexusGenModel model, Action<NexusGenServerOptions>? configure = null, Func<HttpContext, RequestDelegate, Task>? before = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(model);
        builder.Services.AddNexusGenServer(configure);
        var log = new LineLogger();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        WebApplication app = builder.Build();
        if (before is not null)
        {
            app.Use(before);
        }

        app.MapNexusGen(alone: true).MapNexusGenStudio();
        var server = new TestServer(app) { Log = log };
        await app.StartAsync();
        return server;
    }

    /// <summary>The official client, unchanged, pointed at this server.</summary>
    public OpenAIClient Client(string key = "none") => new(
        new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });

    /// <summary>Sends JSON.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, JsonNode body, CancellationToken cancellationToken = default) =>
        Http.PostAsJsonAsync(path, body, cancellationToken);

    /// <summary>Sends JSON and reads the JSON that comes.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(string path, JsonNode body)
    {
        using HttpResponseMessage response = await PostAsync(path, body);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
