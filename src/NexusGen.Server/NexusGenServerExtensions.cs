using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Server.Configuration;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Mcp;
using NexusGen.Server.Observability;
using NexusGen.Server.OpenAI;
using NexusGen.Server.Pictures;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;
using NexusGen.Server.Studio;

namespace NexusGen.Server;

/// <summary>Adds the server to an ASP.NET Core application.</summary>
public static class NexusGenServerExtensions
{
    /// <summary>The name of the meter and of the source of traces (OpenTelemetry).</summary>
    public const string TelemetryName = ServerMetrics.Name;

    private const string Mapped = "NexusGen.Mapped";

    /// <summary>
    /// Adds what <see cref="MapNexusGen"/> needs. The model itself comes from <c>AddNexusGen</c> of NexusGen.Extensions.AI, or as a
    /// <see cref="NexusGenModel"/> among the services.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; they are checked when the host starts.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddNexusGenServer(this IServiceCollection services, Action<NexusGenServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<NexusGenServerOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        return AddServices(services);
    }

    /// <inheritdoc cref="AddNexusGenServer(IServiceCollection, Action{NexusGenServerOptions})"/>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section that the options are bound from.</param>
    public static IServiceCollection AddNexusGenServer(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<NexusGenServerOptions>().Bind(configuration).ValidateOnStart();
        return AddServices(services);
    }

    /// <summary>
    /// Maps OpenAI's API (<c>/v1/models</c>, <c>/v1/chat/completions</c>, <c>/v1/images/…</c>, <c>/v1/responses</c>), the addresses of
    /// drawn pictures, the tools of the Model Context Protocol (<c>/mcp</c>), <c>/health/live</c>, <c>/health/ready</c> and the OpenAPI document (<c>/openapi/v1.json</c>), all behind the
    /// checks of keys and origins. The application's other endpoints keep their own checks and errors. Call it before other endpoints'
    /// middleware.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <param name="alone">
    /// Whether the application is nothing but this server: then addresses that lead nowhere are behind the same checks, and are answered in the
    /// API's form.
    /// </param>
    /// <returns>The application.</returns>
    public static WebApplication MapNexusGen(this WebApplication app, bool alone = false)
    {
        ArgumentNullException.ThrowIfNull(app);

        // Routing comes first even where the application asks for it later: what has no endpoint yet would pass unchecked.
        app.UseRouting();
        app.UseWhen(context => alone || OwnEndpoint.IsMeant(context), own => own.Use(TrustedProxies.Believe(app.Services)).UseMiddleware<ErrorHandling>().UseMiddleware<RequestGuard>());
        RouteGroupBuilder routes = OwnEndpoint.Group(app);
        routes.MapOpenApi().WithMetadata(OpenToAll.Mark);
        OpenAIEndpoints.Map(routes);
        HealthEndpoints.Map(routes);
        routes.MapMcp("/mcp");
        Properties(app)[Mapped] = true;
        return app;
    }

    /// <summary>
    /// Maps the studio: a page at <c>/</c> to draw, edit and ask in, with a gallery (<see cref="NexusGenServerOptions.Gallery"/>).
    /// Call it after <see cref="MapNexusGen"/>.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    /// <exception cref="NexusGenException">The gallery can't be opened.</exception>
    /// <exception cref="InvalidOperationException"><see cref="MapNexusGen"/> was not called, so nothing would check who asks.</exception>
    public static WebApplication MapNexusGenStudio(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!Properties(app).ContainsKey(Mapped))
        {
            throw new InvalidOperationException($"{nameof(MapNexusGen)} must be called before {nameof(MapNexusGenStudio)}: it checks who asks.");
        }

        // Now rather than at the first request: what is wrong with the file is for whoever starts the server.
        app.Services.GetRequiredService<Gallery>();
        StudioEndpoints.Map(OwnEndpoint.Group(app));
        return app;
    }

    /// <summary>
    /// Adds the model's tools over standard input and output (Model Context Protocol), for a host without a web server: they come to
    /// life with the host. Nothing else may write to standard output.
    /// </summary>
    /// <param name="services">The services; the model among them.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddNexusGenMcp(this IServiceCollection services, Action<NexusGenServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<NexusGenServerOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddSingleton<IMcpCaller, LocalMcpCaller>();
        McpSetup.AddTools(AddWork(services).AddMcpServer(McpSetup.Describe).WithStdioServerTransport());
        return services;
    }

    private static IServiceCollection AddServices(IServiceCollection services)
    {
        AddWork(services).AddHttpContextAccessor();
        services.TryAddSingleton<IMcpCaller, HttpMcpCaller>();
        McpSetup.AddTools(services.AddMcpServer(McpSetup.Describe).WithHttpTransport());
        services.TryAddSingleton<ApiKeys>();
        services.TryAddSingleton<EventStream>();
        services.TryAddSingleton<ChatCompletions>();
        services.TryAddSingleton<ImageForm>();
        services.TryAddSingleton<ImageGenerations>();
        services.TryAddSingleton<ResponsesInput>();
        services.TryAddSingleton<Responses>();
        services.TryAddSingleton(provider => Gallery.Open(Options(provider).Gallery, Options(provider).GalleryBytes));
        services.TryAddSingleton<StudioPictures>();
        services.TryAddSingleton<StudioTurns>();
        services.AddOpenApi(OpenApiDocument.Configure);
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<NexusGenServerOptions>>((kestrel, server) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections ??= server.Value.MaxConnections;

            // Whoever sends slower than any real line holds a connection for nothing.
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });
        // The host waits for what runs; somewhat longer, so that what is ended at last, within a step, can still say so.
        services.AddOptions<HostOptions>().Configure<IOptions<NexusGenServerOptions>>((host, server) =>
            host.ShutdownTimeout = server.Value.ShutdownTimeout + TimeSpan.FromSeconds(30));
        return services;
    }

    // What the model's work needs, whatever it is asked through.
    private static IServiceCollection AddWork(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NexusGenServerOptions>, NexusGenServerOptionsValidator>());
        services.TryAddSingleton(provider => new WorkQueue(Options(provider).MaxRunning, Options(provider).QueueLength, Options(provider).QueuePerClient));
        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<ModelGateway>();
        services.TryAddSingleton<ErrorTranslation>();
        services.TryAddSingleton<PictureFetcher>();
        services.TryAddSingleton<PictureReader>();
        services.TryAddSingleton<PictureStore>();
        services.TryAddSingleton<Limits>();
        services.TryAddSingleton<PictureNames>();
        return services.AddMetrics();
    }

    private static IDictionary<string, object?> Properties(WebApplication app) => ((IApplicationBuilder)app).Properties;

    private static NexusGenServerOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<NexusGenServerOptions>>().Value;
}
