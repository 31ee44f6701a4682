using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Server.Background;
using NexusGen.Server.Configuration;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Loras;
using NexusGen.Server.Mcp;
using NexusGen.Server.Observability;
using NexusGen.Server.OpenAI;
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
    /// Adds the services of <see cref="MapNexusGen"/>. The model is a <see cref="NexusGenModel"/> among the services, for example
    /// by <c>AddNexusGen</c> of NexusGen.Extensions.AI.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">Configures the options, which are validated when the host starts.</param>
    /// <returns>The service collection.</returns>
    public static IServiceCollection AddNexusGenServer(
        this IServiceCollection services, Action<NexusGenServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<NexusGenServerOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        return AddServices(services);
    }

    /// <inheritdoc cref="AddNexusGenServer(IServiceCollection, Action{NexusGenServerOptions})"/>
    /// <param name="services">The service collection.</param>
    /// <param name="configuration">The configuration section to which the options are bound.</param>
    public static IServiceCollection AddNexusGenServer(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<NexusGenServerOptions>().Bind(configuration).ValidateOnStart();
        return AddServices(services);
    }

    /// <summary>
    /// Maps OpenAI's API (<c>/v1/models</c>, <c>/v1/chat/completions</c>, <c>/v1/images/…</c>, <c>/v1/responses</c>), the
    /// addresses of generated images, the tools of the Model Context Protocol (<c>/mcp</c>), <c>/health/live</c>,
    /// <c>/health/ready</c> and the OpenAPI document (<c>/openapi/v1.json</c>). API keys and origins are checked for these
    /// endpoints. Other endpoints of the application keep their own checks and errors. Call it before the middleware of other
    /// endpoints.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <param name="alone">
    /// true if the application is only this server. Requests without an endpoint are then checked too, and answered in the API's
    /// form.
    /// </param>
    /// <returns>The application.</returns>
    public static WebApplication MapNexusGen(this WebApplication app, bool alone = false)
    {
        ArgumentNullException.ThrowIfNull(app);

        // Routing comes first even if the application asks for it later: a request that has no endpoint yet would pass unchecked.
        app.UseRouting();
        app.UseWhen(context => alone || OwnEndpoint.IsEndpointOf(context), own => own
            .Use(TextCompression.Middleware(app.Services))
            .Use(TrustedProxies.Middleware(app.Services))
            .UseMiddleware<ErrorHandling>()
            .UseMiddleware<RequestGuard>()
            .UseWhen(RequestGuard.IsFromOtherOrigin, other => other.UseCors(CorsSetup.Policy))
            .UseMiddleware<ApiKeyGuard>()
            .Use(BodyEncoding.InvokeAsync)
            .Use(EarlyRefusal.InvokeAsync));
        RouteGroupBuilder routes = OwnEndpoint.Group(app);
        routes.MapOpenApi().AllowAnonymous();
        OpenAIEndpoints.Map(routes);
        HealthEndpoints.Map(routes);
        routes.MapMcp("/mcp");
        Properties(app)[Mapped] = true;
        return app;
    }

    /// <summary>
    /// Maps the studio: a page at <c>/</c> to generate, edit and ask in, with a gallery (<see
    /// cref="NexusGenServerOptions.Gallery"/>). Call it after <see cref="MapNexusGen"/>.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    /// <exception cref="NexusGenException">The gallery can't be opened.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="MapNexusGen"/> was not called, so requests would not be checked.
    /// </exception>
    public static WebApplication MapNexusGenStudio(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!Properties(app).ContainsKey(Mapped))
        {
            throw new InvalidOperationException(
                $"{nameof(MapNexusGen)} must be called before {nameof(MapNexusGenStudio)}: it checks who asks.");
        }

        // Opened now, not at the first request, so that an error in the file is reported to whoever starts the server.
        app.Services.GetRequiredService<Gallery>();
        app.Services.GetRequiredService<ConversationStore>();
        StudioEndpoints.Map(OwnEndpoint.Group(app));
        return app;
    }

    /// <summary>
    /// Adds the model's tools over standard input and output (Model Context Protocol), for a host without a web server. They
    /// start with the host. Nothing else may write to standard output.
    /// </summary>
    /// <param name="services">The service collection, which includes the model.</param>
    /// <param name="configure">Configures the options.</param>
    /// <returns>The service collection.</returns>
    public static IServiceCollection AddNexusGenMcp(
        this IServiceCollection services, Action<NexusGenServerOptions>? configure = null)
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
        CorsSetup.Add(services);
        services.TryAddSingleton<ApiKeys>();
        services.TryAddSingleton<EventStream>();
        services.TryAddSingleton<ChatCompletions>();
        services.TryAddSingleton<ImageEditReader>();
        services.TryAddSingleton<ImageGenerations>();
        services.TryAddSingleton<ResponseStore>();
        services.TryAddSingleton<ResponsesInput>();
        services.TryAddSingleton<Responses>();
        services.TryAddSingleton(provider => BackgroundStore.Open(Options(provider)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBackgroundKind, ResponseJobs>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBackgroundKind, ImageGenerationJobs>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBackgroundKind, StudioJobs>(
            provider => provider.GetRequiredService<StudioJobs>()));
        services.TryAddSingleton<BackgroundRunner>();
        services.TryAddSingleton<BackgroundResults>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BackgroundRunner>(
            provider => provider.GetRequiredService<BackgroundRunner>()));
        services.TryAddSingleton(provider => Gallery.Open(Options(provider).Gallery, Options(provider).GalleryBytes));
        services.TryAddSingleton(provider => ConversationStore.Open(Options(provider).Gallery));
        services.TryAddSingleton<GalleryKeeper>();
        services.TryAddSingleton<StudioJobContext>();
        services.TryAddSingleton(provider => new StudioJobs(
            new Lazy<StudioJobContext>(provider.GetRequiredService<StudioJobContext>),
            provider.GetRequiredService<ModelGateway>()));
        services.TryAddSingleton<StudioConversations>();
        services.TryAddSingleton<StudioImages>();
        services.TryAddSingleton<StudioSelections>();
        services.AddOpenApi(OpenApiDocument.Configure);
        services.AddSingleton<IConnectionListenerFactory, ConnectionGate>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<NexusGenServerOptions>>((kestrel, server) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections ??= server.Value.MaxConnections;

            // A client that sends more slowly than any real line holds a connection for nothing.
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });

        // The host waits for running requests, and somewhat longer, so that a request that is cancelled in the end can still
        // report it.
        services.AddOptions<HostOptions>().Configure<IOptions<NexusGenServerOptions>>((host, server) =>
            host.ShutdownTimeout = server.Value.ShutdownTimeout + TimeSpan.FromSeconds(30));
        return services;
    }

    // Adds what every kind of access to the model needs.
    private static IServiceCollection AddWork(IServiceCollection services)
    {
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<NexusGenServerOptions>, NexusGenServerOptionsValidator>());
        services.TryAddSingleton(provider =>
            new WorkQueue(Options(provider).MaxRunning, Options(provider).QueueLength, Options(provider).QueuePerClient));
        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<ModelGateway>();
        services.TryAddSingleton<ErrorTranslation>();
        services.TryAddSingleton(_ => new RefusalPace());
        services.TryAddSingleton<ImageFetcher>();
        services.TryAddSingleton<ImageReader>();
        services.TryAddSingleton<ImageStore>();
        services.TryAddSingleton<LoraFolder>();
        services.TryAddSingleton<Limits>();
        services.TryAddSingleton<ImageNames>();
        return services.AddMetrics();
    }

    private static IDictionary<string, object?> Properties(WebApplication app) => ((IApplicationBuilder)app).Properties;

    private static NexusGenServerOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<NexusGenServerOptions>>().Value;
}
