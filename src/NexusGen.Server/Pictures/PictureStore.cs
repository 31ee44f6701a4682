using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Pictures;

/// <summary>Drawn pictures that were asked for by address.</summary>
internal sealed class PictureStore(IOptions<NexusGenServerOptions> options)
    : ShortTermStore<PictureData>(options.Value.StoreBytes / 2, options.Value.PictureLifetime);
