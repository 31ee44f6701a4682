using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>Activations.</summary>
internal static unsafe class ActivationKernel
{
    /// <summary>GELU by its tanh approximation, in place.</summary>
    /// <param name="x">[batch, tokens, width].</param>
    public static void GeluTanh(Tensor x)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            GeluTanh<BFloat16Element>(x);
        }
        else
        {
            GeluTanh<Float32Element>(x);
        }
    }

    /// <summary>silu(gate)·up.</summary>
    /// <param name="gate">Dense.</param>
    /// <param name="up">Dense, of the same shape.</param>
    /// <param name="target">Dense, of the same shape; may be one of them.</param>
    public static void GatedSilu(Tensor gate, Tensor up, Tensor target)
    {
        if (gate.dtype == ScalarType.BFloat16)
        {
            GatedSilu<BFloat16Element>(gate, up, target);
        }
        else
        {
            GatedSilu<Float32Element>(gate, up, target);
        }
    }

    /// <summary>The gradients of silu(gate)·up.</summary>
    /// <param name="gate">Dense.</param>
    /// <param name="up">Dense, of the same shape.</param>
    /// <param name="gradient">The gradient of the result, dense.</param>
    /// <param name="ofGate">Becomes the gate's gradient; dense.</param>
    /// <param name="ofUp">Becomes the gradient of up; dense.</param>
    public static void GatedSiluGradient(Tensor gate, Tensor up, Tensor gradient, Tensor ofGate, Tensor ofUp)
    {
        if (gate.dtype == ScalarType.BFloat16)
        {
            GatedSiluGradient<BFloat16Element>(gate, up, gradient, ofGate, ofUp);
        }
        else
        {
            GatedSiluGradient<Float32Element>(gate, up, gradient, ofGate, ofUp);
        }
    }

    private static void GatedSilu<T>(Tensor gate, Tensor up, Tensor target)
        where T : unmanaged, IElement<T>
    {
        var gates = (T*)NativeTensors.Data(gate);
        var ups = (T*)NativeTensors.Data(up);
        var targets = (T*)NativeTensors.Data(target);
        InPieces(gate.NumberOfElements, (at, count) => GatedSilu(gates + at, ups + at, targets + at, count));
    }

    private static void GatedSiluGradient<T>(Tensor gate, Tensor up, Tensor gradient, Tensor ofGate, Tensor ofUp)
        where T : unmanaged, IElement<T>
    {
        var gates = (T*)NativeTensors.Data(gate);
        var ups = (T*)NativeTensors.Data(up);
        var gradients = (T*)NativeTensors.Data(gradient);
        var gateTargets = (T*)NativeTensors.Data(ofGate);
        var upTargets = (T*)NativeTensors.Data(ofUp);
        InPieces(gate.NumberOfElements, (at, count) => GatedSiluGradient(gates + at, ups + at, gradients + at, gateTargets + at, upTargets + at, count));
    }

    private static void InPieces(long count, Action<long, long> body)
    {
        const int piece = 1024;
        KernelThreads.Run((count + piece - 1) / piece, piece, (first, end) => body(first * piece, Math.Min(count, end * piece) - (first * piece)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatedSilu<T>(T* gate, T* up, T* target, long count)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < count; i += Kernel.Lanes)
        {
            T.Store(target + i, VectorMath.Silu(T.Load(gate + i)) * T.Load(up + i));
        }
    }

    // silu'(x) = σ·(1 + x·(1 − σ)).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatedSiluGradient<T>(T* gate, T* up, T* gradient, T* ofGate, T* ofUp, long count)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < count; i += Kernel.Lanes)
        {
            Vector512<float> x = T.Load(gate + i), rising = T.Load(gradient + i), sigmoid = VectorMath.Sigmoid(x);
            Vector512<float> slope = sigmoid * Vector512.FusedMultiplyAdd(x, Vector512<float>.One - sigmoid, Vector512<float>.One);
            T.Store(ofGate + i, rising * T.Load(up + i) * slope);
            T.Store(ofUp + i, rising * x * sigmoid);
        }
    }

    private static void GeluTanh<T>(Tensor x)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], width = x.shape[2], batchStride = x.stride(0), tokenStride = x.stride(1);
        var data = (T*)NativeTensors.Data(x);
        KernelThreads.Run(x.shape[0] * tokens, width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                GeluTanh(data + (batch * batchStride) + (token * tokenStride), width);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GeluTanh<T>(T* x, long width)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            T.Store(x + i, VectorMath.GeluTanh(T.Load(x + i)));
        }
    }
}
