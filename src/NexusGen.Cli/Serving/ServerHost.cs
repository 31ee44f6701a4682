using System.Collections;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Server;
using NexusGen.Server.Configuration;

namespace NexusGen.Cli.Serving;

/// <summary>The web server of <c>nexusgen serve</c>.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly IPEndPoint _listen;

    private ServerHost(WebApplication app, IPEndPoint listen)
    {
        _app = app;
        _listen = listen;
    }

    /// <summary>The address of the server, after it was started.</summary>
    public string Address =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Creates a server that is not started.</summary>
    /// <param name="model">The model. The caller owns it and must dispose it.</param>
    /// <param name="listen">The address to listen on.</param>
    /// <param name="studio">Whether to serve the studio, the web page for generating, editing and asking.</param>
    /// <param name="configure">Sets the options of the server.</param>
    /// <param name="environment">The environment variables, or null for those of this process.</param>
    /// <exception cref="NexusGenException">
    /// An option or a variable of the telemetry is invalid, or the gallery of the studio can't be opened.
    /// </exception>
    public static ServerHost Create(
        NexusGenModel model,
        IPEndPoint listen,
        bool studio,
        Action<NexusGenServerOptions> configure,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        // The host reads no configuration from the current folder or the environment; the command line is the only source, except
        // for the standard variables of OpenTelemetry.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(listen));
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // What keeps the server from starting is reported as one sentence and not as a stack trace.
        bool starting = true;
        builder.Logging.AddFilter(
            "Microsoft.Extensions.Hosting", level => level >= LogLevel.Warning && !Volatile.Read(ref starting));
        builder.Services.AddSingleton(model);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddNexusGenServer(configure);
        TelemetryExport.Add(builder, environment ?? EnvironmentVariables());
        try
        {
            WebApplication app = builder.Build();
            app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref starting, false));
            app.MapNexusGen(alone: true);
            if (studio)
            {
                app.MapNexusGenStudio();
            }

            return new ServerHost(app, listen);
        }
        catch (OptionsValidationException e)
        {
            throw Invalid(e);
        }
    }

    /// <summary>Starts listening.</summary>
    /// <exception cref="NexusGenException">An option is invalid, or the address is in use or not one of this machine.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OptionsValidationException e)
        {
            throw Invalid(e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            string reason = (e.GetBaseException() as SocketException)?.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program uses it",
                SocketError.AddressNotAvailable => "it is no address of this machine",
                SocketError.AccessDenied => "permission denied",
                _ => e.Message.TrimEnd('.'),
            };
            throw new NexusGenException($"Can't listen on {_listen}: {reason}; choose another --port or --host.", e);
        }
    }

    private static Dictionary<string, string?> EnvironmentVariables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value);

    private static NexusGenException Invalid(OptionsValidationException e) => new(string.Join(" ", e.Failures), e);

    /// <summary>Waits until the token is cancelled.</summary>
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => stop.TrySetResult());
        await stop.Task.ConfigureAwait(false);
    }

    /// <summary>Refuses waiting requests, lets running ones finish within the allowed time, and stops the server.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _app.DisposeAsync().ConfigureAwait(false);
        }
        catch (OptionsValidationException)
        {
            // Services that were never created ask for their options; what is wrong with these was said at the start.
        }
    }

    // The command line handles Ctrl-C and termination requests itself.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
