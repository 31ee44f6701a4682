using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server;
using NexusGen.Server.Configuration;

namespace NexusGen.BrowserTests;

/// <summary>A server with the studio in this process, which can be stopped and restarted at the same address.</summary>
internal sealed class StudioServer : IAsyncDisposable
{
    private readonly NexusGenModel _model;
    private readonly Action<NexusGenServerOptions>? _configure;
    private WebApplication? _app;
    private int _port;

    private StudioServer(NexusGenModel model, Action<NexusGenServerOptions>? configure)
    {
        _model = model;
        _configure = configure;
    }

    public IServiceProvider Services => _app!.Services;

    public string Address => $"http://localhost:{_port}/";

    public static async Task<StudioServer> StartAsync(NexusGenModel model, Action<NexusGenServerOptions>? configure = null)
    {
        var server = new StudioServer(model, configure);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(_model);
        builder.Services.AddNexusGenServer(options =>
        {
            options.ShutdownTimeout = TimeSpan.Zero;
            options.MaxSteps = 1000;
            _configure?.Invoke(options);
        });
        _app = builder.Build();
        _app.MapNexusGen(alone: true).MapNexusGenStudio();
        await _app.StartAsync();
        _port = new Uri(
            _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }
    }
}
