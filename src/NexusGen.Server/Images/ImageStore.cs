using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Images;

/// <summary>Keeps generated images that later requests refer to by an address or a name.</summary>
internal sealed class ImageStore(IOptions<NexusGenServerOptions> options)
    : ShortTermStore<EncodedImage>(options.Value.StoreBytes / 2, options.Value.PictureLifetime);
