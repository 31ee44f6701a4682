using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Server;
using NexusGen.Server.Configuration;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace NexusGen.Cli.Serving;

/// <summary>The web server of <c>nexusgen serve</c>.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    // The standard's own variable (OpenTelemetry, OTLP exporter): where measurements and traces are sent.
    private const string Telemetry = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly WebApplication _app;

    private ServerHost(WebApplication app) => _app = app;

    /// <summary>Where it can be reached, once it is started.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>A server that is not started.</summary>
    /// <param name="model">The model; the caller's.</param>
    /// <param name="listen">Where it listens.</param>
    /// <param name="studio">Whether it has the page to draw, edit and ask in.</param>
    /// <param name="configure">Sets its options.</param>
    /// <exception cref="NexusGenException">The studio's gallery can't be opened.</exception>
    public static ServerHost Create(NexusGenModel model, IPEndPoint listen, bool studio, Action<NexusGenServerOptions> configure)
    {
        // Nothing of the current folder or the environment: what the command line says is all.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(listen));
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddSingleton(model);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddNexusGenServer(configure);
        if (Environment.GetEnvironmentVariable(Telemetry) is { Length: > 0 })
        {
            builder.Services.AddOpenTelemetry()
                .WithMetrics(metrics => metrics.AddMeter(NexusGenServerExtensions.TelemetryName, "Microsoft.AspNetCore.Hosting", "System.Runtime").AddOtlpExporter())
                .WithTracing(traces => traces.AddSource(NexusGenServerExtensions.TelemetryName, "Microsoft.AspNetCore").AddOtlpExporter());
        }

        WebApplication app = builder.Build();
        app.MapNexusGen(alone: true);
        if (studio)
        {
            app.MapNexusGenStudio();
        }

        return new ServerHost(app);
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="NexusGenException">An option is wrong, or the address is in use or not this machine's.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OptionsValidationException e)
        {
            throw new NexusGenException(string.Join(" ", e.Failures), e);
        }
        catch (IOException e)
        {
            throw new NexusGenException($"The server can't listen there: {e.Message} Choose another --port or --host.", e);
        }
    }

    /// <summary>Waits until it is told to stop.</summary>
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => stop.TrySetResult());
        await stop.Task.ConfigureAwait(false);
    }

    /// <summary>Refuses what waits, lets what runs finish within the time that is allowed, and ends.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // The command line itself hears Ctrl-C and the system's wish to end.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
