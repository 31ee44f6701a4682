using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace NexusGen.Extensions.AI;

/// <summary>Registers a model with the services of an application.</summary>
public static class NexusGenServiceCollectionExtensions
{
    /// <summary>
    /// Registers a model as <see cref="NexusGenModel"/>, <see cref="IChatClient"/> and <see cref="IImageGenerator"/>, all as
    /// singletons. The options are validated when the host starts; the weights are loaded at the first request.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">Configures the options.</param>
    /// <returns>The service collection.</returns>
    public static IServiceCollection AddNexusGen(this IServiceCollection services, Action<NexusGenServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<NexusGenServiceOptions>().Configure(configure).ValidateOnStart();
        return AddServices(services);
    }

    /// <inheritdoc cref="AddNexusGen(IServiceCollection, Action{NexusGenServiceOptions})"/>
    /// <param name="services">The service collection.</param>
    /// <param name="configuration">The configuration section to which the options are bound.</param>
    public static IServiceCollection AddNexusGen(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<NexusGenServiceOptions>().Bind(configuration).ValidateOnStart();
        return AddServices(services);
    }

    private static IServiceCollection AddServices(IServiceCollection services)
    {
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<NexusGenServiceOptions>, NexusGenServiceOptionsValidator>());
        services.TryAddSingleton(provider => NexusGenModel.Open(Options(provider).Model, Options(provider).ToModelOptions()));
        services.TryAddSingleton<IChatClient>(provider => new NexusGenChatClient(
            provider.GetRequiredService<NexusGenModel>(),
            Options(provider).ToClientOptions()));
        services.TryAddSingleton<IImageGenerator>(provider => new NexusGenImageGenerator(
            provider.GetRequiredService<NexusGenModel>(),
            Options(provider).ToClientOptions()));
        return services;
    }

    private static NexusGenServiceOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<NexusGenServiceOptions>>().Value;
}
