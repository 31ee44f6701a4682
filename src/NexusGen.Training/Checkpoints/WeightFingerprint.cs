using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// Computes fingerprints to detect changed weights. Training changes every tensor, so the first values of each tensor suffice.
/// </summary>
internal static class WeightFingerprint
{
    private const int Values = 64;

    /// <summary>Computes the fingerprint of modules.</summary>
    /// <param name="modules">The modules, always in the same order.</param>
    /// <returns>16 hexadecimal digits.</returns>
    public static string Of(params IEnumerable<Module> modules) => Of(modules.SelectMany(module => module.Parameters));

    /// <summary>Computes the fingerprint of parameters.</summary>
    /// <param name="parameters">The parameters, always in the same order.</param>
    /// <returns>16 hexadecimal digits.</returns>
    public static string Of(IEnumerable<Parameter> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in parameters)
        {
            using var scope = NewDisposeScope();
            Tensor flat = parameter.Value.detach().flatten();
            Tensor values = flat.narrow(0, 0, Math.Min(Values, flat.shape[0])).to(ScalarType.Float32, CPU);
            hash.AppendData(Encoding.UTF8.GetBytes(parameter.Name));
            hash.AppendData(MemoryMarshal.AsBytes<float>(values.data<float>().ToArray()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
