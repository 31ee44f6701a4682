using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>Tells whether modules have the weights that they had: a training changes every tensor, so the beginning of each is enough.</summary>
internal static class WeightFingerprint
{
    private const int Values = 64;

    /// <summary>The fingerprint of modules.</summary>
    /// <param name="modules">The modules, in an order that stays.</param>
    /// <returns>16 hexadecimal digits.</returns>
    public static string Of(params IEnumerable<Module> modules)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in modules.SelectMany(module => module.Parameters))
        {
            using var scope = NewDisposeScope();
            Tensor flat = parameter.Value.flatten();
            Tensor values = flat.narrow(0, 0, Math.Min(Values, flat.shape[0])).to(ScalarType.Float32, CPU);
            hash.AppendData(Encoding.UTF8.GetBytes(parameter.Name));
            hash.AppendData(MemoryMarshal.AsBytes<float>(values.data<float>().ToArray()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
